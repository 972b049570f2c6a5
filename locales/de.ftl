# Deutsch. docs/languages.md sagt, wie eine Sprache hinzukommt.

## language

language-name = Deutsch
language-direction = ltr

## layout

layout-languages = Sprache
layout-development = Entwicklung
layout-footer = Gesichert durch Latchkey

## actions

action-cancel = Abbrechen
action-continue = Weiter

## sign-in

sign-in-failed = Nicht angemeldet:
sign-in-not-you = Nicht Sie?
sign-in-as-another = Als jemand anderes anmelden

login-title = Anmelden
login-title-to = Bei { $client } anmelden
login-to = um mit { $client } fortzufahren
login-to-account = um mit Ihrem Konto fortzufahren
login-own = bei Ihrem Konto
login-confirm = Bestätigen Sie, dass Sie es sind
login-username = Benutzername oder E-Mail-Adresse
login-password = Passwort
login-remember = Auf diesem Gerät angemeldet bleiben
login-submit = Anmelden
login-stale = Diese Seite war zu lange geöffnet. Bitte melden Sie sich noch einmal an.
login-again = Es geht um die Sicherheit Ihres Kontos. Bitte melden Sie sich noch einmal an.
login-wrong = Der Benutzername oder das Passwort stimmt nicht.
login-another-account = Das ist ein anderes Konto. Fahren Sie mit dem unten genannten fort, oder brechen Sie ab und melden Sie sich zuerst ab.

throttled-wait = Zu viele Versuche. Bitte warten Sie { $minutes } Min. bis zum nächsten. (Anfrage { $request })
throttled-strangers = Es gab zu viele Fehlversuche. Bitte melden Sie sich mit einem Browser an, den Sie hier schon einmal benutzt haben, oder wenden Sie sich an die Administration. (Anfrage { $request })

second-factor-title = Code Ihrer App
second-factor-heading = Geben Sie den Code Ihrer App ein
second-factor-code = Sechs Ziffern
second-factor-recovery-title = Wiederherstellungscode
second-factor-recovery-heading = Geben Sie einen Wiederherstellungscode ein
second-factor-recovery-code = Einer der Codes, die Sie sich notiert haben
second-factor-recovery-note = Jeder Wiederherstellungscode gilt einmal. Wenn Sie keinen mehr haben, wenden Sie sich an die Administration.
second-factor-use-recovery = Stattdessen einen Wiederherstellungscode verwenden
second-factor-use-app = Stattdessen den Code Ihrer App verwenden
second-factor-remember =
    { $days ->
        [one] In diesem Browser bis morgen nicht nach einem Code fragen
       *[other] In diesem Browser { $days } Tage lang nicht nach einem Code fragen
    }
second-factor-stale = Diese Seite war zu lange geöffnet. Bitte geben Sie den Code noch einmal ein.

totp-title = Authentifizierungs-App hinzufügen
totp-failed = Nicht hinzugefügt:
totp-scan = Scannen Sie dieses Bild mit einer Authentifizierungs-App auf Ihrem Telefon, oder geben Sie dort den geheimen Schlüssel ein.
totp-drawing = QR-Code mit dem geheimen Schlüssel
totp-secret = Geheimer Schlüssel
totp-code = Sechs Ziffern, die die App anzeigt
totp-name = Name der App oder des Telefons, wenn Sie möchten
totp-submit = Hinzufügen
totp-no-code = Der Code hat sechs Ziffern. Geben Sie den ein, den Ihre App gerade anzeigt.
totp-wrong = Der Code stimmt nicht oder wurde schon verwendet. Warten Sie auf den nächsten und geben Sie diesen ein.
totp-not-of-this = Der Code gehört nicht zu dieser App. Prüfen Sie, ob die App den unten stehenden Schlüssel und die richtige Uhrzeit hat.
recovery-code-no-code = Ein Wiederherstellungscode hat zwölf Buchstaben und Ziffern, zum Beispiel 7k3m-q9xw-2fhd.
recovery-code-wrong = Der Wiederherstellungscode stimmt nicht oder wurde schon verwendet.

add-factor-before = bevor Sie mit { $client } fortfahren
add-factor-before-account = bevor Sie mit Ihrem Konto fortfahren
add-factor-submit = Hinzufügen und weiter

choose-account-title = Konto für { $client } wählen
choose-account-heading = Konto wählen
choose-account-continue = Weiter als { $name }
choose-account-other = Anderes Konto verwenden

## consent

consent-title = { $client } erlauben?
consent-lead = Diese App bittet um Folgendes.
consent-list = Worum { $client } bittet
consent-switch = Konto wechseln
consent-claims = Einzelne Angaben über Sie
consent-first-party = { $client } wird von derselben Organisation betrieben wie diese Anmeldeseite.
consent-third-party = { $client } ist ein eigenständiger Dienst. Erlauben Sie dies nur, wenn Sie ihm vertrauen.
consent-returns = Sie kehren danach zu { $host } zurück.
consent-allow = Erlauben
consent-deny = Nicht erlauben
consent-remembered = Ihre Antwort wird gespeichert: { $client } wird nicht noch einmal um dasselbe bitten.

scope-openid = Wissen, dass Sie es sind
scope-openid-what = Eine Kennung Ihres Kontos und wann Sie sich angemeldet haben
scope-profile = Ihr Profil
scope-profile-what = Name, Benutzername, Bild, Geburtsdatum, Sprache und Ähnliches
scope-email = Ihre E-Mail-Adresse
scope-email-what = Und ob sie bestätigt ist
scope-phone = Ihre Telefonnummer
scope-phone-what = Und ob sie bestätigt ist
scope-address = Ihre Postanschrift
scope-address-what = Straße, Ort, Postleitzahl und Land
scope-groups = Ihre Gruppen
scope-groups-what = Die Namen der Gruppen, denen Sie angehören
scope-offline = Verbunden bleiben
scope-offline-what = Diesen Zugriff auch in Ihrer Abwesenheit behalten, bis Sie oder die App ihn beenden
scope-other-what = Eine Berechtigung, die dieser Dienst festlegt
scope-and-claims = { $what }; außerdem: { $claims }
scope-claims = Diese Angaben über Sie: { $claims }

claim-sub = Kontokennung
claim-name = Name
claim-given-name = Vorname
claim-family-name = Nachname
claim-middle-name = zweiter Vorname
claim-nickname = Spitzname
claim-username = Benutzername
claim-profile = Profilseite
claim-picture = Bild
claim-website = Website
claim-gender = Geschlecht
claim-email = E-Mail-Adresse
claim-email-verified = ob Ihre E-Mail-Adresse bestätigt ist
claim-phone-number = Telefonnummer
claim-phone-number-verified = ob Ihre Telefonnummer bestätigt ist
claim-birthdate = Geburtsdatum
claim-zoneinfo = Zeitzone
claim-locale = Sprache
claim-address = Postanschrift
claim-groups = Gruppen
claim-updated-at = wann sich Ihr Profil zuletzt geändert hat
claim-auth-time = wann Sie sich angemeldet haben
claim-how = wie Sie sich angemeldet haben
claim-other = { $claim }

## applications

client-about = Über { $client }
client-home = Über die App
client-policy = Datenschutzerklärung
client-terms = Nutzungsbedingungen
client-first-party = eigene App
form-post-title = Zurück zu { $client }
form-post-lead = Wenn nichts geschieht, fahren Sie von Hand fort.

## sign-out

logout-title = Abmelden?
logout-asked = { $client } möchte Ihre Sitzung hier beenden.
logout-own = Damit endet Ihre Sitzung hier.
logout-apps = Apps, bei denen Sie angemeldet sind, können Sie bitten, sich erneut anzumelden.
logout-confirm = Abmelden
logout-stay = Angemeldet bleiben
signed-out-title = Abgemeldet
signed-out-heading = Sie sind abgemeldet
signed-out-lead = Sie wurden bei Latchkey abgemeldet. Sie können diese Seite schließen.
signed-out-shared = Schließen Sie an einem gemeinsam genutzten Computer auch den Browser: Manche Apps haben eine eigene Sitzung.
signed-out-return = Zurück zu { $client }
still-signed-in-title = Noch angemeldet
still-signed-in-heading = Sie sind noch angemeldet
still-signed-in-lead = Es wurde nichts geändert. Sie können diese Seite schließen.

## start page

landing-title = Anmeldedienst
landing-lead = Hier gibt es nichts zu tun. Öffnen Sie die App, die Sie benutzen möchten; sie führt Sie hierher, wenn Sie sich anmelden müssen.

## mails

mail-test-subject = Test-E-Mail von { $service }
mail-test-heading = E-Mail funktioniert
mail-test-asked = { $asked_by } hat diese E-Mail angefordert, um zu prüfen, ob E-Mails von { $issuer } ankommen. Das tun sie.
mail-test-open = { $service } öffnen
mail-test-note = Sie müssen nichts tun. Auf demselben Weg erhalten Nutzerinnen und Nutzer E-Mails von hier.
