"""The pages of the kinds, made from their tables, forms and stories."""
