"""A part of PromQL, evaluated over what was scraped: the same expressions draw the same panels without a server."""
