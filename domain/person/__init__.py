"""The people of the company: one register, one stream, so that rules about all of them are decided in one place."""
