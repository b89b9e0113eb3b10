"""What Datasette is given: titles, descriptions, facets, canned queries, and a feed of hits."""
