// A real identity provider for the tests: npm's oidc-provider on loopback. It says of people what the file of people says at
// that moment; the password at its login form is any.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { packages, port, redirect, people } = JSON.parse(process.argv[2]);
const { default: Provider } = await import(pathToFileURL(createRequire(`${packages}/`).resolve("oidc-provider")));
const client = { redirect_uris: [redirect], grant_types: ["authorization_code"], response_types: ["code"] };

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    { ...client, client_id: "ordertrail", client_secret: "a secret: of 100%" },
    { ...client, client_id: "public", token_endpoint_auth_method: "none" },
  ],
  claims: { openid: ["sub"], profile: ["name", "roles"], email: ["email", "email_verified"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["for tests alone"] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  async findAccount(_, sub) {
    return { accountId: sub, claims: () => ({ sub, ...JSON.parse(readFileSync(people))[sub] }) };
  },
});
provider.listen(port, "127.0.0.1", () => console.log("ready"));
