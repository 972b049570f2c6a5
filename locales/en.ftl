# English. Every language is one file like this; docs/languages.md says how to add one.
# Words stand in the section of their area. Values are written { $so }; a sentence has the same values in every language.

## language

# What this language is called in itself.
language-name = English
# The direction in which it is written: ltr or rtl.
language-direction = ltr

## layout

layout-languages = Language
layout-development = development
layout-footer = Secured by Latchkey

## actions

action-cancel = Cancel
action-continue = Continue

## sign-in

sign-in-failed = Not signed in:
sign-in-not-you = Not you?
sign-in-as-another = Sign in as somebody else

login-title = Sign in
login-title-to = Sign in to { $client }
login-to = to continue to { $client }
login-to-account = to continue to your account
login-own = to your account
login-confirm = Confirm that it is you
login-username = Username or e-mail
login-password = Password
login-remember = Keep me signed in on this device
login-submit = Sign in
login-stale = This page had grown old. Please sign in once more.
login-again = This is about the safety of your account. Please sign in once more.
login-wrong = The username or password is not right.
login-another-account = That is another account. Go on with the one below, or cancel and sign out first.

throttled-wait = Too many attempts. Please wait { $minutes } min before the next one. (request { $request })
throttled-strangers = There were too many failed attempts. Please sign in with a browser that you have used here before, or ask the administrator. (request { $request })

second-factor-title = Code of your app
second-factor-heading = Enter the code of your app
second-factor-code = Six digits
second-factor-recovery-title = Recovery code
second-factor-recovery-heading = Enter a recovery code
second-factor-recovery-code = One of the codes that you wrote down
second-factor-recovery-note = Each recovery code works once. If you have none left, ask the administrator.
second-factor-use-recovery = Use a recovery code instead
second-factor-use-app = Use the code of your app instead
second-factor-remember =
    { $days ->
        [one] Do not ask for a code in this browser until tomorrow
       *[other] Do not ask for a code in this browser for { $days } days
    }
second-factor-stale = This page had grown old. Please type the code once more.

totp-title = Add an authenticator app
totp-failed = Not added:
totp-scan = Scan this with an authenticator app on your phone, or type the secret into it.
totp-drawing = QR code with the secret
totp-secret = Secret
totp-code = Six digits that the app shows
totp-name = Name of the app or phone, if you like
totp-submit = Add
totp-no-code = The code has six digits. Type the one that your app shows now.
totp-wrong = The code is not right, or has been used. Wait for the next one, and type that.
totp-not-of-this = The code is not that of this app. Check that the app has the secret below, and the right time.
recovery-code-no-code = A recovery code has twelve letters and digits, as in 7k3m-q9xw-2fhd.
recovery-code-wrong = The recovery code is not right, or has been used.

add-factor-before = before you continue to { $client }
add-factor-before-account = before you continue to your account
add-factor-submit = Add and continue

choose-account-title = Choose an account for { $client }
choose-account-heading = Choose an account
choose-account-continue = Continue as { $name }
choose-account-other = Use another account

## consent

consent-title = Allow { $client }?
consent-lead = It asks for the following.
consent-list = What { $client } asks for
consent-switch = Switch account
consent-claims = Single details about you
consent-first-party = { $client } is run by the same organisation as this sign-in page.
consent-third-party = { $client } is a separate service. Allow it only if you trust it.
consent-returns = You will return to { $host }.
consent-allow = Allow
consent-deny = Do not allow
consent-remembered = Your answer is remembered: { $client } will not ask for the same again.

scope-openid = Know that it is you
scope-openid-what = An identifier of your account, and when you signed in
scope-profile = Your profile
scope-profile-what = Name, username, picture, birth date, language and the like
scope-email = Your e-mail address
scope-email-what = And whether it has been verified
scope-phone = Your phone number
scope-phone-what = And whether it has been verified
scope-address = Your postal address
scope-address-what = Street, town, postal code and country
scope-groups = Your groups
scope-groups-what = The names of the groups that you belong to
scope-offline = Stay connected
scope-offline-what = Keep this access while you are away, until you or it ends it
scope-other-what = A permission that this service defines
scope-and-claims = { $what }; and: { $claims }
scope-claims = These details about you: { $claims }

claim-sub = account identifier
claim-name = name
claim-given-name = first name
claim-family-name = last name
claim-middle-name = middle name
claim-nickname = nickname
claim-username = username
claim-profile = profile page
claim-picture = picture
claim-website = website
claim-gender = gender
claim-email = e-mail address
claim-email-verified = whether your e-mail address is verified
claim-phone-number = phone number
claim-phone-number-verified = whether your phone number is verified
claim-birthdate = birth date
claim-zoneinfo = time zone
claim-locale = language
claim-address = postal address
claim-groups = groups
claim-updated-at = when your profile last changed
claim-auth-time = when you signed in
claim-how = how you signed in
claim-other = { $claim }

## applications

client-about = About { $client }
client-home = About
client-policy = Privacy policy
client-terms = Terms of service
client-first-party = first party
form-post-title = Returning to { $client }
form-post-lead = If nothing happens, continue by hand.

## sign-out

logout-title = Sign out?
logout-asked = { $client } asks to end your session here.
logout-own = This ends your session here.
logout-apps = Apps that you signed in to may ask you to sign in again.
logout-confirm = Sign out
logout-stay = Stay signed in
signed-out-title = Signed out
signed-out-heading = You are signed out
signed-out-lead = You have been logged out of Latchkey. You can close this page.
signed-out-shared = On a shared computer, close the browser too: some apps keep a session of their own.
signed-out-return = Return to { $client }
still-signed-in-title = Still signed in
still-signed-in-heading = You are still signed in
still-signed-in-lead = Nothing was changed. You can close this page.

## start page

landing-title = Sign-in service
landing-lead = There is nothing to do here. Open the app that you want to use; it brings you here when you need to sign in.

## mails

mail-test-subject = Test mail from { $service }
mail-test-heading = Mail works
mail-test-asked = { $asked_by } asked for this mail, to see whether mail from { $issuer } arrives. It does.
mail-test-open = Open { $service }
mail-test-note = There is nothing to do. People get mail from here in the same way.
