# texts speak of this project alone: no path of somebody's machine
grep -rnIE '(^|[^a-z])/(home|root|work|tmp)/[a-z]' --include='*.[chmp]*' --include='*.sql' --include='*.sh' src sql docs README.md
grep -rnIE '/(home|root|work|tmp)/[a-z]' expected
exit 0
