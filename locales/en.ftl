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
layout-privacy = Privacy
layout-terms = Terms
layout-help = Help

## actions

action-cancel = Cancel
action-continue = Continue
action-remove = Remove
action-save = Save
action-try-again = Try again

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
login-by-address = If your organisation signs you in elsewhere, type your e-mail address and leave this empty.
login-remember = Keep me signed in on this device
login-submit = Sign in
login-stale = This page was open for too long. Please sign in once more.
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
second-factor-recovery-once = Each recovery code works once.
second-factor-lost = I have lost everything
second-factor-use-recovery = Use a recovery code instead
second-factor-use-app = Use the code of your app instead
second-factor-remember =
    { $days ->
        [one] Do not ask for a code in this browser until tomorrow
       *[other] Do not ask for a code in this browser for { $days } days
    }
second-factor-stale = This page was open for too long. Please try once more.

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

## passkeys

passkey-sign-in = Sign in with a passkey
passkey-title = Your passkey
passkey-heading = Use your passkey
passkey-give = Continue with a passkey
passkey-add = Add a passkey
passkey-add-lead = Your device keeps it, and asks for your finger, face or PIN: nothing to remember, and nothing that a false page could get from you. A security key is one too.
passkey-add-app = Use an authenticator app instead
passkey-name = Name of the device, if you like
passkey-unknown = That passkey is not known here, or its answer came too late. You can try again, or use your password.
passkey-wrong = The passkey was not right, or its answer came too late. You can try again.
passkey-not-added = The passkey was not added: the answer of the browser was not right, or came too late.
passkey-known = This passkey has been added before.
passkey-stale = This page was open for too long. Please try once more.
passkey-not-given = No passkey was given: the question was closed, took too long, or there is none for this server. You can try again.
passkey-known-there = This device has a passkey for your account already.
passkey-unsupported = This browser cannot use passkeys.
passkey-elsewhere = Passkeys work at this server's own address only, and this page was opened under another.
passkey-trouble = The browser could not do that. You can try again, or use another device.
passkey-no-script = Passkeys need JavaScript, which is switched off in this browser.
second-factor-use-passkey = Use a passkey instead

## consent

consent-title = Allow { $client }?
consent-lead = It asks for the following.
consent-list = What { $client } asks for
consent-switch = Switch account
consent-claims = Some details about you
consent-first-party = { $client } is run by the same organisation as this sign-in page.
consent-unvetted = { $client } registered itself: nobody who runs this sign-in page has checked who is behind it.
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
scope-account = Your whole account
scope-account-what = Read your profile, and how and where you sign in
scope-account-write = Changing your account
scope-account-write-what = Change your profile and password, how you sign in, and what others may have
scope-offline = Stay connected
scope-offline-what = Keep this access while you are away, until you or it ends it
scope-other-what = A permission that this service defines
scope-resource-what = At { $resource }
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
# Stands before an address of e-mail.
client-contact = Contact:
client-first-party = first party
form-post-title = Returning to { $client }
form-post-lead = If nothing happens, press Continue.

## sign-out

logout-title = Sign out?
logout-asked = { $client } asks to end your session here.
logout-own = This ends your session here.
logout-apps = Apps that you signed in to may ask you to sign in again.
logout-own-which = Several accounts are signed in in this browser. Which one do you want to sign out?
logout-which = Sign out { $name }
logout-confirm = Sign out
logout-stay = Stay signed in
signed-out-title = Signed out
signed-out-heading = You are signed out
signed-out-lead = You have been logged out of { $service }. You can close this page.
signed-out-shared = On a shared computer, close the browser too: some apps keep a session of their own.
signed-out-return = Return to { $client }
signed-out-one-heading = The account is signed out
signed-out-one-lead = Other accounts are still signed in in this browser.
signed-out-one-account = Go to the other account
still-signed-in-title = Still signed in
still-signed-in-heading = You are still signed in
still-signed-in-lead = Nothing was changed. You can close this page.

## recovery

login-forgot = Forgot your password?
recover-title = Forgot your password?
recover-failed = Not sent:
recover-lead = We send a link by which you choose another one to the e-mail address of your account.
recover-submit = Send a link
recover-back = Back to signing in
recover-stale = This page was open for too long. Please type your name once more.
recover-wait = Too many requests. Please wait { $minutes } min before the next one.
recover-asked-title = Look into your mail
recover-asked-lead = If there is an account of that name with an e-mail address, a link is on its way there. It works for 30 minutes.
recover-asked-nothing = Nothing after some minutes? Look into the folder for unwanted mail, or ask the administrator: they can set another password.
reset-title = Choose another password
reset-failed = Not changed:
reset-lead = You are signed out everywhere then, and sign in with the new one.
reset-password = New password
reset-hint = At least { $shortest } characters. A few words that only you would put together are good.
reset-submit = Set the password
reset-done-title = Your password was changed
reset-done-lead = You were signed out everywhere. Sign in with the new one.
link-void-title = This link is no longer good
link-void-lead = It was used, has grown old, or there is a newer one. Perhaps not all of it was copied.
link-void-again = Ask for another one

login-email = E-mail me a link to sign in
mailed-code-title = Look into your mail
mailed-code-lead = If there is an account of that name with an e-mail address, a mail is on its way there. Open its link in this browser, or type its code here. Both work for ten minutes.
mailed-code-code = Eight digits
mailed-code-again = Ask for another mail, or sign in with your password
mailed-code-wrong = The code is not right, has been used, or is too old. After five wrong ones ask for another mail.
mailed-link-elsewhere = Go on where you began
mailed-link-elsewhere-lead = This link works only in the browser in which you asked for it. Open it there, or type the code of the same mail there. If you did not ask, close this page.

mail-sign-in-subject = Sign in to { $service }
mail-sign-in-heading = Sign in
mail-sign-in-code = Your code is { $code }. Type it on the page on which you asked for it, and nowhere else.
mail-sign-in-link = Or open this link in the same browser. Both work once, within ten minutes.
mail-sign-in-note = If you did not ask for this, do nothing. Do not pass the code or the link on: whoever asks you for it wants to sign in as you.

mail-reset-subject = Choose another password for { $service }
mail-reset-heading = Choose another password
mail-reset-asked = Somebody asked for another password for your account, and we hope that it was you.
mail-reset-once = The link works once, within 30 minutes. When you have chosen, you are signed out everywhere.
mail-reset-button = Choose a password
mail-reset-note = If it was not you, do nothing: your password stays as it is. Do not pass this link on.
mail-password-reset-subject = Your password for { $service } was changed
mail-password-reset-heading = Your password was changed
mail-password-reset-done = Another password was chosen by a link that was sent to this address. You were signed out everywhere, and your apps ask you to sign in again.
mail-password-reset-note = If it was not you, somebody reads your mail: see to that first, then choose a password once more.

## lost factors

lost-title = Everything lost?
lost-lead =
    { $hours ->
        [one] If you have neither your app nor a recovery code any more, say so here. After one hour you can sign in with your password and a code that we send to your e-mail address.
       *[other] If you have neither your app nor a recovery code any more, say so here. After { $hours } hours you can sign in with your password and a code that we send to your e-mail address.
    }
lost-lead-days = If you have neither your app nor a recovery code any more, say so here. After { $days } days you can sign in with your password and a code that we send to your e-mail address.
lost-lead-then = We write to you at once, and once more before that time. Whoever reads these mails can stop it. If you find your app or a code, sign in with it: that stops it too. An administrator can help sooner.
lost-begin = I have lost everything
lost-waits = We have written to you. Come back after { $at } (UTC), and sign in with your password.
lost-waits-then = Then we send a code to your e-mail address, by which your second factors are removed. If you change your profile, address or password before, the waiting begins again.
lost-due = The time is over. We send a code to your e-mail address; by it your second factors and recovery codes are removed, and you are signed out everywhere.
lost-send = Send a code
lost-sent = A code is on its way to your e-mail address. It works for ten minutes, in this browser.
lost-verify = Remove my second factors
lost-again = Send another code
lost-back = Back to the second factor
lost-removed = Your second factors were removed. Sign in with your password, then add a new one at once.

cancel-recovery-over = It was used, or its time is over. If you stopped it already, your second factors stay. If not, choose a new password at once and look at your second factors.
cancel-recovery-title = Your second factors are not lost?
cancel-recovery-lead = Somebody gave your password and said that your second factors are lost. If it was not you, keep them here.
cancel-recovery-submit = Keep my second factors
cancel-recovery-done = Your second factors stay
cancel-recovery-done-lead = Whoever said that they are lost knows your password. Choose a new one now.

mail-lost = Somebody said that your second factors are lost
mail-lost-soon = Your second factors can soon be removed
mail-lost-at = From { $at } (UTC) on, your password and a code that we send to this address are enough to remove them.
mail-lost-button = Keep my second factors
mail-lost-not-me = If it was not you, stop it by this link, and choose a new password at once: whoever it was knows yours.
mail-lost-note = If it was you, there is nothing to do until then. Do not pass this mail on.
mail-lost-code-subject = Your code for { $service }
mail-lost-code-heading = Remove your second factors
mail-lost-code = Your code is { $code }. Type it on the page on which you asked for it, and nowhere else.
mail-lost-code-not-me = It removes all second factors of your account. If you did not ask for it, choose a new password at once: that stops it.
mail-lost-code-note = It works once, within ten minutes. Whoever asks you for it wants to sign in as you.

## start page

landing-title = Sign-in service
landing-lead = There is nothing to do here. Open the app that you want to use; it brings you here when you need to sign in.

## account

account-title = Your account
account-sign-out = Sign out
accounts-switch = Switch account
accounts-others = Other accounts in this browser
accounts-switch-to = Switch to { $name }
accounts-switch-to-short = Switch
accounts-add = Add an account
accounts-sign-out-all = Sign out of all accounts
entry-account = Overview
entry-account-what = What there is to your account.
entry-profile = Profile
entry-profile-what = Your name, picture, address and the like.
entry-email = E-mail address
entry-email-what = Where mail to you goes, and what you sign in with.
entry-password = Password
entry-password-what = Choose another one.
entry-factors = Second factors
entry-factors-what = What you prove beside your password, and recovery codes.
entry-sessions = Sessions
entry-sessions-what = Where you are signed in, and signing out there.
entry-apps = Apps
entry-apps-what = What you have allowed to whom, and taking it back.

notice-too-many-changes = Nothing was saved: you have changed your profile very often lately. Please wait an hour.
notice-profile = Your profile was saved.
notice-address-asked = Look into the mail of that address: whoever reads it can confirm it.
notice-address-same = That is your address already.
notice-password = Your password was changed, and you were signed out everywhere else.
notice-factor = The authenticator app was added. Make recovery codes too, for when your phone is lost.
notice-passkey = The passkey was added. Make recovery codes too, for when your devices are lost.
notice-factor-removed = The second factor was removed.
notice-no-factor = That second factor had already been removed.
notice-no-more-factors = No other authenticator app can be added.
notice-no-more-passkeys = No other passkey can be added.
notice-nothing-to-recover = Add an authenticator app or a passkey first: recovery codes stand in for it.
notice-codes-before = New recovery codes were made already, and still hold. Make others if you have not written them down.
notice-session = That session was ended.
notice-no-session = That session had already ended.
notice-device = The next sign-in in that browser asks for a second factor.
notice-no-device = That browser was not remembered any more.
notice-others = All other sessions were ended.
notice-one-signed-out = The account was signed out. This is another one that is signed in in this browser.
notice-no-account = That account is not signed in in this browser any more.
notice-app = The app has no access to your account any more.
notice-no-app = That app had no access to your account any more.
notice-stale = This page was open for too long, and nothing was changed. Please try once more.

overview-lead = What you sign in with here.
overview-username = Username
overview-email = E-mail address
overview-not-verified = not verified

profile-title = Your profile
profile-failed = Not saved:
profile-lead = What apps can be told about you, when you allow it. Every field may be left empty.
profile-wrong = Nothing was saved yet: { $fields ->
    [one] one field needs
   *[other] { $fields } fields need
} another look.
field-name = Full name
field-name-hint = As you want it to be shown.
field-given-name = First name
field-middle-name = Middle name
field-family-name = Last name
field-nickname = Nickname
field-picture = Picture
field-picture-hint = The address of a picture, beginning with https://
field-profile = Profile page
field-website = Website
field-gender = Gender
field-birthdate = Birth date
field-birthdate-hint = Year, month and day as in 1990-01-31, or the year alone.
field-zoneinfo = Time zone
field-zoneinfo-hint = As in Europe/Berlin.
field-locale = Language
field-locale-hint = As in en or de-AT. Pages and mails are in this language too, where there is one.
field-phone-number = Phone number
field-phone-number-hint = With the country's code, as in +44 20 7946 0000.
field-street-address = Street and number
field-locality = Town
field-region = Region
field-postal-code = Postal code
field-country = Country
must-be-short = This must be at most { $most } characters.
must-be-a-line = This must be a single line of text.
must-be-https = This must be an address that begins with https://
must-be-web-address = This must be an address that begins with https:// or http://
must-be-birthdate = This must be a date as in 1990-01-31, or a year.
must-be-text = This cannot be taken.

password-title = Your password
password-failed = Not changed:
password-lead = When you change it, you are signed out everywhere but here, and your apps ask you to sign in again.
password-current = Current password
password-new = New password
password-hint = At least { $least } characters. A few words that only you would put together are good.
password-submit = Change the password
password-wrong = This is not your current password.

factors-title = Second factors
factors-lead = What you prove beside your password when you sign in.
factors-none = You have none: your password alone signs you in.
factor-totp = Authenticator app
factor-passkey = Passkey
factor-suspected = There may be a copy of this passkey: it counted backwards, and was refused. Remove it, unless you know why.
factor-added = added
factor-used = last used
factor-unused = never used
factor-remove-which = Remove { $factor }
recovery-codes-title = Recovery codes
recovery-codes-for = For when your devices are lost.
recovery-codes-left = Left:
recovery-codes-make = Make new recovery codes
recovery-codes-heading = Your recovery codes
recovery-codes-lead = Write them down now: they are not shown again. Each works once, and those from before are void.
recovery-codes-done = I have written them down

sessions-title = Your sessions
sessions-lead = Each is a browser in which you are signed in. End those that you do not know, and change your password then.
sessions-list = Sessions
session-here = this one
session-used = Last used
session-since = signed in
session-from = from { $address }
session-from-place = from { $address } ({ $place })
session-end = End
session-end-which = End the session of { $device }
sessions-end-others = End all others
sessions-everywhere = Sign out everywhere
sessions-everywhere-note = Signing out everywhere ends this session too, and takes back what your apps hold to act for you while you are away.
devices-title = Remembered browsers
devices-lead = In these you are not asked for a code when you sign in. Forget those that others use too.
device-since = Remembered
device-used = last used
device-forget = Forget
device-forget-which = Forget { $device }
device-unknown = An unknown browser
device-browser = { $browser }
device-browser-on = { $browser } on { $system }
device-on = A browser on { $system }

apps-title = Your apps
apps-none = No app has access to your account.
apps-lead = What you have allowed to whom.
apps-list = Apps
app-since = Since
app-used = last used
app-holds-nothing = holds nothing at the moment
app-remove = Remove access
app-remove-which = Remove access of { $app }
app-open = Open
app-open-which = Open { $app }
apps-note = An app that loses access asks you again when you next sign in to it; one that is marked as first party gets it without asking. A service that only looks at signatures may accept what the app already has for a few minutes more.

## activity

entry-activity = Activity
entry-activity-what = What happened to your account, and what was not you.
activity-title = Activity
activity-lead = What happened to your account, the latest first. Say so if something was not you.
activity-none = Nothing is known here any more.
activity-latest = Latest
activity-older = Older
activity-dispute = This was not me
activity-dispute-which = This was not me: { $what }
activity-app = { $app }
activity-an-app = an app
activity-by-operator = by an administrator
activity-by-service = by this service
activity-by-app = by { $app }
activity-created = Your account was made
activity-updated = Your profile or what you sign in with was changed
activity-enabled = Your account was opened again
activity-disabled = Your account was closed
activity-password = Your password was changed
activity-recovery = A link to choose another password was sent to your address
activity-sign-in-link = A link and a code to sign in were sent to your address
activity-passkey-suspected = A passkey may have been copied: remove it if you are not sure
activity-unlocked = The waiting time after wrong passwords was lifted
activity-signed-in = You signed in
activity-renewed = You confirmed that it is you
activity-ended = { $count ->
    [one] A session ended
   *[other] { $count } sessions ended
}
activity-factor-added = A second factor was added
activity-lost = Somebody gave your password and said that your second factors are lost
activity-lost-cancelled = Removing your second factors was stopped; you keep them
activity-factor-removed = A second factor was removed
activity-codes-made = Recovery codes were made
activity-code-used = A recovery code was used to sign in
activity-remembered = A browser was remembered, which is not asked for a code
activity-forgotten = { $count ->
    [one] A remembered browser was forgotten
   *[other] { $count } remembered browsers were forgotten
}
activity-disputed = You said that something was not you
activity-allowed = Access to your account was allowed to { $app }
activity-revoked = Access to your account was taken back from { $app }
activity-denied = Access to your account was denied to { $app }
activity-access-ended = What { $app } could do for you has ended
notice-disputed = That was written down. The session in which it was done was ended, and no browser is remembered any more.
notice-disputed-here = That was written down, and no browser is remembered any more. It was done in the session that you are using now: sign out everywhere if somebody else uses this browser.
notice-no-event = There is nothing like that in the list any more.
notice-too-many-disputed = That was said too often within an hour. Choose another password, and sign out everywhere.
disputed-title = Now make your account safe
disputed-lead = Whoever it was could sign in as you, and can do so again until you change that.
disputed-password = Choose another password
disputed-password-why = You are signed out everywhere else then.
disputed-factors = Look at your second factors
disputed-factors-why = Remove those that are not yours, and make new recovery codes.
disputed-sessions = Look at your sessions
disputed-sessions-why = End those that you do not know, or all of them.

## data

entry-data = Your data
entry-data-what = Take along all that is kept about you.
data-title = Your data
data-lead = All that this service keeps about you, as one file that you and programs can read (JSON).
data-profile = your profile, what you sign in with, and whether your address is verified
data-factors = your second factors: their names, when they were added and last used; no secret is in it
data-sessions = where you are signed in, and the browsers that are remembered
data-apps = the apps with access to your account, and what they may have
data-events = what happened to your account, as long as it is kept, and links that were mailed to you and still work
data-note = Keep the file where nobody else reads it: it says from where you signed in. That you downloaded it is written down.
data-submit = Download my data
data-too-often = You have downloaded your data several times lately. Please wait { $minutes } min.
activity-data = You downloaded all that is kept about you

## deletion

entry-delete = Delete account
entry-delete-what = Delete your account and everything in it.
delete-title = Delete your account
delete-failed = Not deleted:
delete-lead = { $days ->
    [0] Your account is deleted within an hour.
    [one] Your account is deleted after a day. Until then you can sign in and keep it.
   *[other] Your account is deleted after { $days } days. Until then you can sign in and keep it.
}
delete-lead-hours = { $hours ->
    [one] Your account is deleted after an hour. Until then you can sign in and keep it.
   *[other] Your account is deleted after { $hours } hours. Until then you can sign in and keep it.
}
delete-lead-minutes = { $minutes ->
    [one] Your account is deleted after a minute. Until then you can sign in and keep it.
   *[other] Your account is deleted after { $minutes } minutes. Until then you can sign in and keep it.
}
delete-what = You are signed out everywhere at once, and no app can do anything for you any more. Then your profile, what you sign in with and what you allowed to apps are deleted for good. What was done with it stays in the record of this service for a while.
delete-confirmation = Type { $name } to confirm it
delete-submit = Delete my account
delete-not-confirmed = This is not what you sign in with.
delete-switched-off = Accounts are deleted by the administrator here. Please ask them.
delete-administrator = You administer this service. Another administrator has to remove your administrator rights first.
deletion-begun-title = Your account will be deleted
deletion-begun-lead = You were signed out everywhere. It is deleted on
deletion-begun-undo = If you change your mind, sign in before.
keep-title = Keep your account?
keep-lead = { $account } is to be deleted, as you wanted, on
keep-what = If you keep it, everything is as it was. Your apps ask you to sign in again.
keep-submit = Keep my account
keep-leave = Let it be deleted
activity-deletion-begun = Your account was to be deleted
activity-deletion-undone = Your account was kept

## passwords

password-too-short = It cannot be used: it has { $found } characters and needs at least { $least }. A few words that do not belong together are long and easy to keep in mind.
password-too-long = It cannot be used: it has more than { $most } bytes. Choose a shorter one.
password-own-data = It cannot be used: it is made of { $datum }, which others try first. Choose one that has nothing to do with you or with this service.
password-common = It cannot be used: it is a common password, or guessed as soon as one. Choose a few words that do not belong together.
password-pattern = It cannot be used: it is nothing but { $weakness }. Choose a few words that do not belong together.
password-weak = It cannot be used: it is too easy to guess. Add another word or two.
password-weak-because = It cannot be used: it is too easy to guess, because most of it is { $weakness }. Add another word or two.
password-breached = It cannot be used: it was found { $times ->
    [one] once
   *[other] { $times } times
} among passwords that were stolen elsewhere. Choose another, and change it wherever you use it.
own-username = your username
own-email = your e-mail address
own-name = your name
own-birthdate = your date of birth
own-phone = your telephone number
own-service = the name of this service
own-several = what is known about you or this service
weakness-keyboard = neighbouring keys of the keyboard
weakness-repetition = a repetition
weakness-sequence = a sequence such as abc or 6543
weakness-common = a variation of a common password
weakness-word = a single word
weakness-name = a name
weakness-date = a date or a year

## times

when-now = just now
when-minutes = { $minutes ->
    [one] { $minutes } minute ago
   *[other] { $minutes } minutes ago
}
when-hours = { $hours ->
    [one] { $hours } hour ago
   *[other] { $hours } hours ago
}
when-days = { $days ->
    [one] { $days } day ago
   *[other] { $days } days ago
}
when-long-ago = long ago
when-day = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
when-minute = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }, { $minute } UTC

## errors

error-advice = What to do:
error-request-id = Request id
error-request-id-for = Give it to whoever runs this service: it leads to the reason.
error-try-again = Go back to the application and try again.
error-tell-its-makers = Go back to the application and try again. If this page comes again, tell its makers the request id.
error-refused = This request cannot be answered
error-not-found = Nothing here
error-not-found-what = There is no page at this address.
error-failed = That did not work
error-failed-what = Something went wrong on our side.
error-busy-title = Please try again
error-busy = The server is busy or being maintained. Nothing is lost: try again in a moment.
error-forbidden = You are not allowed to do this.
error-no-factor = No second factor can be added to this account now.
error-no-flow = This page belongs to a sign-in, and the link does not say to which.
error-damaged-link = The link of this page is damaged.
error-unknown-flow = This sign-in is no longer known here.
error-no-cookie = Your browser did not keep the cookie of this site. Allow cookies for it and try again.
error-client-gone = The application is no longer registered.
error-nobody-signed-in = Nobody is signed in.
error-foreign-form = This form was sent from another site.
error-no-sign-up = Accounts here are made by those who run this service.
error-no-sign-up-advice = Ask them for one.
error-not-a-form = What was sent is not a form.
error-cut-off = What was sent is too large, or was cut off.
error-too-slow = What was sent took too long to arrive.
error-malformed = Something that was sent cannot be read as text.
error-too-many = The request has too many parameters.
error-repeated = Something was sent more than once.
error-client-unknown = The application that sent you here is not known.
error-client-disabled = The application that sent you here is not admitted at the moment.
error-redirect = The application wants you to return to an address that it is not registered for.
error-post-logout = The application wants you to go on to an address that it is not registered for.
error-application = The application that sent you here asked for something that cannot be answered.

## mails

mail-test-subject = Test mail from { $service }
mail-test-heading = Mail works
mail-test-asked = { $asked_by } asked for this mail, to see whether mail from { $issuer } arrives. It does.
mail-test-open = Open { $service }
mail-test-note = There is nothing to do. People get mail from here in the same way.

mail-told-subject = { $what } ({ $service })
mail-told-at = When: { $at } (UTC).
mail-told-browser = With: { $browser }.
mail-told-browser-on = With: { $browser } on { $system }.
mail-told-address = From the address { $address }.
mail-told-address-place = From the address { $address }, which seems to be in { $place }.
mail-told-by-administrator = An administrator did it.
mail-told-not-me = If it was not you, and you did not ask for it: choose a new password at once. That signs you out everywhere, and whoever it was with you.
mail-told-remove = Then sign in and remove it, for it works until you do: { $page }
mail-told-recover = Choose a new password
mail-told-note = If it was you, there is nothing to do. This mail comes to the address of your account at { $service } whenever something happens that its safety depends on.

mail-password-changed = Your password was changed
mail-factor-added = A second factor was added to your account
mail-factor-removed = A second factor was removed from your account
mail-passkey-suspected = There may be a copy of your passkey
mail-factors-reset = Your second factors were reset
mail-recovery-codes-made = New recovery codes were made
mail-recovery-code-used = Somebody signed in with a recovery code of yours
mail-deletion-begun = Your account will be deleted
mail-deletion-at = It is deleted on { $at }. Sign in before if you want to keep it: a new password alone does not stop the deletion.
mail-new-browser = Somebody signed in to your account with a new browser
mail-sign-up-subject = Confirm your address for { $service }
mail-sign-up-heading = Confirm your address
mail-sign-up-asked = Somebody, probably you, wants an account at { $issuer } with this address. Confirm it, and the account is made. The link works once, within a day.
mail-sign-up-code = Your code is { $code }. Type it where you asked for the account, if you are asked for one there; never tell it to anybody.
mail-sign-up-open = Confirm the address
mail-sign-up-note = If it was not you, do nothing: no account is made.
mail-has-account-subject = You have an account at { $service }
mail-has-account-heading = You have an account already
mail-has-account-asked = Somebody, probably you, wanted a new account at { $issuer } with this address, or to use it for another account. It belongs to the account that you have there, so nothing was changed. Sign in with it instead; if you have lost the password, the sign-in page leads to a new one.
mail-has-account-open = Sign in
mail-has-account-note = If it was not you, there is nothing to do. Whoever it was learned nothing about your account.
mail-looks-like-another-subject = This address cannot be used at { $service }
mail-looks-like-another-heading = This address cannot be used
mail-looks-like-another-asked = Somebody, probably you, wanted to use this address at { $issuer }. It looks just like another one that is used there, with letters of another alphabet, so that people would confuse the two. Please choose another address.
mail-looks-like-another-open = Open { $service }
mail-looks-like-another-note = If it was not you, there is nothing to do.
mail-invitation-subject = You are invited to { $service }
mail-invitation-heading = You are invited
mail-invitation-asked = You can make an account at { $issuer } with this address: choose a password, and it is there. The link works once, until { $until }.
mail-invitation-open = Make the account
mail-invitation-note = If you do not know why you were invited, do nothing: no account is made.
mail-email-confirm-subject = Confirm your address for { $service }
mail-email-confirm-heading = Confirm your address
mail-email-confirm-asked = The account { $account } at { $issuer } is to have this address. Confirm it if that account is yours. The link works once, within a day.
mail-email-confirm-code = Or type this code in the application in which you asked for it, and nowhere else: { $code }. One of the two is enough.
mail-email-confirm-open = Confirm the address
mail-email-confirm-note = If that account is not yours, do nothing: your address is not used.
mail-deletion-undone = Your account will not be deleted
mail-email-restored-subject = This is the address of your account at { $service } again
mail-email-restored-heading = This is the address of your account again
mail-email-restored-ended = Everybody is signed out of the account, and its password is void: choose a new one. Second factors from before the change are still asked for.
mail-email-restored-factors = { $count ->
    [one] One second factor that was added since the change was removed.
   *[other] { $count } second factors that were added since the change were removed.
}
mail-email-restored-note = If you did not undo the change, somebody else reads your mail: choose a new password for your mail account first.
mail-email-taken-back-subject = This is no longer the address of your account at { $service }
mail-email-taken-back-heading = This is no longer the address of your account
mail-email-taken-back-told = Whoever reads the mail of the address before has undone the change. The account at { $issuer } has that address again, and everybody is signed out of it.
mail-email-taken-back-note = If that was not you, ask the people who run { $service } for help.
mail-email-changed-subject = Your address at { $service } was changed
mail-email-changed-heading = Your address was changed
mail-email-changed-told = Your account at { $issuer } has another address now: { $address }. Mail goes there from now on.
mail-email-changed-undo = If it was not you, take it back: the account has this address again, everybody is signed out of it, and you choose a new password. The link works until { $until }.
mail-email-changed-open = It was not me
mail-email-changed-note = If it was you, there is nothing to do.

## sign-up

link-over-title = This link is no longer good
sign-up-title = Make an account
sign-up-not-done = Not done yet
sign-up-for-client = to continue to { $client }
sign-up-invited = You were invited: choose a password, and the account is yours.
sign-up-lead = with your e-mail address
sign-up-email = E-mail address
sign-up-username = Username
sign-up-username-optional = Username (if you want one)
sign-up-password = Password
sign-up-password-hint = At least { $shortest } characters. A few words that only you would put together are good.
sign-up-submit = Make the account
sign-up-have-account = I have an account
sign-up-stale = This page was open for too long, and nothing was done. Please fill it in once more.
sign-up-wait = Too many attempts. Please wait { $minutes } min before the next one.
sign-up-sent-title = Look into your mail
sign-up-sent = We have sent a mail to that address. Open its link in this browser, within a day, to go on. If nothing comes, look among unwanted mail, or try once more.
sign-up-email-wrong = No mail can be sent to this address.
sign-up-domain-wrong = Addresses of this domain are not taken here. Use the one of your organisation.
sign-up-username-mixed = A username must not mix letters of different alphabets.
sign-up-username-at = A username must not contain @: that is for e-mail addresses.
sign-up-username-wrong = A username must not contain white space or invisible characters, and have 254 bytes at most.
sign-up-username-missing = Choose a username.
sign-up-username-taken = Somebody has this username, or one that looks like it. Choose another.
sign-up-invitation-over = The invitation was used, or its time is over. If you have your account already, sign in; otherwise ask for another invitation.
sign-up-go-to-sign-in = Sign in
sign-up-taken-title = That name is taken by now
sign-up-taken = Somebody else has taken the username, or a name that looks like yours, while your mail was waiting. Please begin once more.
sign-up-exists-title = You have an account already
sign-up-exists = There is an account with this address, and nothing was changed. Sign in; if you do not know its password, choose another one from there.
sign-up-again = Begin once more
sign-up-confirm-title = Confirm your address
sign-up-confirm = The account is made with { $address }. Confirm it if it was you who asked for it.
sign-up-confirm-submit = Confirm and make the account
sign-up-elsewhere = Somebody asked in another browser for an account with this address. If it was you, enter the password that you chose there. If you did not ask for an account, close this page: without that password none is made.
sign-up-elsewhere-password = The password that you chose
sign-up-elsewhere-wrong = This is not the password that was chosen. After five attempts the link is over.
sign-up-elsewhere-unknown = You want an account and do not know that password?
sign-up-link-over = It was used, or its time is over. If you have confirmed your address, sign in; otherwise begin once more.
sign-up-confirmed = Your account is there. Please sign in.
sign-up-link = Make an account

## e-mail address

email-title = Your e-mail address
email-not-changed = Not changed
email-lead = Mail to you goes there, and you can sign in with it.
email-now = Address
email-not-verified = (not verified)
email-verify = Send a link to confirm it
email-new = New address
email-hint = We send a link there. Until it is opened, everything stays as it is.
email-submit = Send the link
email-confirm-title = Confirm your address
email-confirm = The account of { $account } is to have the address { $address }. Confirm it if that account is yours.
email-sign-in-title = Sign in first
email-sign-in-first = The account of { $account } is to have the address { $address }. To confirm it, sign in to that account here; then you come back to this page. If that account is not yours, close this page: your address is not used.
email-sign-in = Sign in
email-confirm-submit = Confirm the address
email-done-title = Your address is confirmed
email-done = The account has the address { $address }.
email-undo-title = Take your address back
email-undo = The account has the address { $address } again, everybody is signed out of it, and its password is void.
email-undo-submit = Take it back
email-undone-title = Your address is yours again
email-undone = Everybody was signed out. Choose a new password now: the link for it comes to this address.
email-undone-go-on = Choose a new password
email-taken-title = That address belongs to another account
email-taken = It was given to another account meanwhile, and nothing was changed.
email-not-now-title = Not just now
email-not-now = The address was changed too often lately. Nothing was changed; the link still works. Please try again later.
email-link-over = It was used, its time is over, or the account was changed since.
email-own-account = Your account

# Signing in through other providers
upstream-denied = You did not sign in with { $provider }. Try again, or choose another way.
upstream-down = { $provider } does not answer at the moment. Choose another way, or try again in a minute. (request { $request })
upstream-unsound = The answer of { $provider } could not be accepted, so nobody was signed in. Please try again. (request { $request })
upstream-not-admitted = This account at { $provider } may not sign in here. Use another one, or ask whoever runs this site. (request { $request })
upstream-no-account = Nobody here is connected with this account at { $provider }. Sign in another way. (request { $request })
upstream-prove-first = You seem to have an account here already. Sign in to it first; then you can connect { $provider } on your account pages.
upstream-stale = { $provider } did not say that you have just signed in there. Prove in another way that it is you, or sign in there anew. (request { $request })
upstream-another-account = That was another account than the one that is asked to sign in.
upstream-again = That did not work. Please try { $provider } again.
upstream-too-many = Too many sign-ins were begun from here. Please try again in a few minutes.
upstream-with = Sign in with { $provider }
upstream-is-down = { $provider } does not answer at the moment
error-no-provider = There is no such way to sign in here.
notice-identity = Connected. You can sign in with it from now on.
notice-identity-removed = Disconnected. It signs nobody in here any more.
notice-no-identity = It was not connected any more.
notice-last-identity = It is your only way to sign in. Choose a password first, or connect another one.
notice-identity-elsewhere = It is connected to another account here. Disconnect it there first.
notice-provider-down = The provider does not answer at the moment. Please try again in a minute.
notice-not-connected = Nothing was connected: the provider did not say who you are, or that account may not be used here.
notice-many-connections = Nothing was connected: it was tried too often, or there are too many already. Please try again later.
entry-connections = Connected accounts
entry-connections-what = Sign in with Google, GitHub and others
connections-title = Connected accounts
connections-lead = With each of these you can sign in to your account.
connections-none = No account elsewhere is connected.
connections-list = Your connected accounts
connections-add = Connect another one
connections-add-first = Connect one
connection-since = connected
connection-used = last used
connection-unused = never used
connection-remove = Disconnect
connection-remove-which = Disconnect { $provider }
connection-add-which = Connect { $provider }
activity-identity-connected = An account elsewhere was connected, with which one can sign in
activity-identity-removed = An account elsewhere was disconnected
activity-upstream-token-lost = A connected account elsewhere no longer lets apps act for you; sign in with it again to allow that
scope-upstream = Acting for you at { $provider }
scope-upstream-what = Get the access that you have given this service to your account there
mail-identity-connected = { $provider } was connected to your account
mail-identity-removed = A connected account was removed from yours
