"""What a site's own sun and wind give, and will give an hour ahead by the forecast that was best on held-out weeks."""
