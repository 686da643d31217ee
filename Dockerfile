# The production image: the locked packages, the code, an ordinary user. Servers run elsewhere.
FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv /opt/ordertrail
COPY requirements.lock .
RUN /opt/ordertrail/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml LICENSE ./
COPY domain domain
COPY streams streams
COPY commands commands
COPY projections projections
COPY query_api query_api
COPY web web
COPY ordertrail ordertrail
RUN /opt/ordertrail/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/ordertrail ordertrail
COPY --from=build /opt/ordertrail /opt/ordertrail
ENV PATH=/opt/ordertrail/bin:$PATH PYTHONUNBUFFERED=1
USER ordertrail
WORKDIR /var/lib/ordertrail
EXPOSE 8000
ENTRYPOINT ["ordertrail"]
CMD ["up"]
