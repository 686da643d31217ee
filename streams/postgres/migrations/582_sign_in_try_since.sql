-- When the failures that are counted began.
ALTER TABLE web.sign_in_try ADD COLUMN since timestamptz NOT NULL DEFAULT now();
