@rem npm runs scripts in cmd on Windows, which has no "exec": "npm start" finds this file in its place.
@%*
