"""What a site's own sun and wind give, by weather and physics, and an hour ahead by the forecast that was best on held-out weeks."""
