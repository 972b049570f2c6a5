# Deutsch. docs/languages.md sagt, wie eine Sprache hinzukommt.

## language

language-name = Deutsch
language-direction = ltr

## layout

layout-languages = Sprache
layout-development = Entwicklung
layout-footer = Gesichert durch Latchkey
layout-privacy = Datenschutz
layout-terms = Nutzungsbedingungen
layout-help = Hilfe

## actions

action-cancel = Abbrechen
action-continue = Weiter
action-remove = Entfernen
action-save = Speichern
action-try-again = Noch einmal versuchen

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
login-by-address = Wenn Ihre Organisation Sie anderswo anmeldet, geben Sie Ihre E-Mail-Adresse ein und lassen Sie dieses Feld leer.
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
second-factor-recovery-heading = Geben Sie einen Wieder{"\u00AD"}herstellungs{"\u00AD"}code ein
second-factor-recovery-code = Einer der Codes, die Sie sich notiert haben
second-factor-recovery-note = Jeder Wiederherstellungscode gilt einmal. Wenn Sie keinen mehr haben, wenden Sie sich an die Administration.
second-factor-recovery-once = Jeder Wiederherstellungscode gilt einmal.
second-factor-lost = Ich habe alles verloren
second-factor-use-recovery = Stattdessen einen Wiederherstellungscode verwenden
second-factor-use-app = Stattdessen den Code Ihrer App verwenden
second-factor-remember =
    { $days ->
        [one] In diesem Browser bis morgen nicht nach einem Code fragen
       *[other] In diesem Browser { $days } Tage lang nicht nach einem Code fragen
    }
second-factor-stale = Diese Seite war zu lange geöffnet. Bitte versuchen Sie es noch einmal.

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

## passkeys

passkey-sign-in = Mit Passkey anmelden
passkey-title = Ihr Passkey
passkey-heading = Passkey verwenden
passkey-give = Mit Passkey fortfahren
passkey-add = Passkey hinzufügen
passkey-add-lead = Ihr Gerät bewahrt ihn auf und fragt nach Fingerabdruck, Gesicht oder PIN: nichts, was Sie sich merken müssen, und nichts, was eine gefälschte Seite Ihnen entlocken könnte. Auch ein Sicherheitsschlüssel ist möglich.
passkey-add-app = Stattdessen eine Authentifizierungs-App verwenden
passkey-name = Name des Geräts, wenn Sie möchten
passkey-unknown = Dieser Passkey ist hier nicht bekannt, oder seine Antwort kam zu spät. Versuchen Sie es noch einmal, oder verwenden Sie Ihr Passwort.
passkey-wrong = Der Passkey war nicht richtig, oder seine Antwort kam zu spät. Sie können es noch einmal versuchen.
passkey-not-added = Der Passkey wurde nicht hinzugefügt: Die Antwort des Browsers war nicht richtig oder kam zu spät.
passkey-known = Dieser Passkey wurde schon einmal hinzugefügt.
passkey-stale = Diese Seite war zu lange geöffnet. Bitte versuchen Sie es noch einmal.
passkey-not-given = Es wurde kein Passkey verwendet: Die Abfrage wurde geschlossen, hat zu lange gedauert, oder es gibt keinen für diesen Server. Sie können es noch einmal versuchen.
passkey-known-there = Dieses Gerät hat schon einen Passkey für Ihr Konto.
passkey-unsupported = Dieser Browser unterstützt keine Passkeys.
passkey-elsewhere = Passkeys funktionieren nur unter der eigenen Adresse dieses Servers; diese Seite wurde unter einer anderen geöffnet.
passkey-trouble = Der Browser konnte das nicht ausführen. Versuchen Sie es noch einmal, oder verwenden Sie ein anderes Gerät.
passkey-no-script = Passkeys benötigen JavaScript, das in diesem Browser ausgeschaltet ist.
second-factor-use-passkey = Stattdessen einen Passkey verwenden

## consent

consent-title = { $client } erlauben?
consent-lead = Diese App bittet um Folgendes.
consent-list = Worum { $client } bittet
consent-switch = Konto wechseln
consent-claims = Einzelne Angaben über Sie
consent-first-party = { $client } wird von derselben Organisation betrieben wie diese Anmeldeseite.
consent-unvetted = { $client } hat sich selbst angemeldet: Niemand, der diese Anmeldeseite betreibt, hat geprüft, wer dahintersteht.
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
scope-account = Ihr ganzes Konto
scope-account-what = Ihr Profil lesen, und wie und wo Sie sich anmelden
scope-account-write = Ihr Konto ändern
scope-account-write-what = Ihr Profil und Passwort ändern, wie Sie sich anmelden und was andere erhalten
scope-offline = Verbunden bleiben
scope-offline-what = Diesen Zugriff auch in Ihrer Abwesenheit behalten, bis Sie oder die App ihn beenden
scope-other-what = Eine Berechtigung, die dieser Dienst festlegt
scope-resource-what = Bei { $resource }
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
client-contact = Kontakt:
client-first-party = eigene App
form-post-title = Zurück zu { $client }
form-post-lead = Wenn nichts geschieht, drücken Sie auf „Weiter“.

## sign-out

logout-title = Abmelden?
logout-asked = { $client } möchte Ihre Sitzung hier beenden.
logout-own = Damit endet Ihre Sitzung hier.
logout-apps = Apps, bei denen Sie angemeldet sind, können Sie bitten, sich erneut anzumelden.
logout-own-which = In diesem Browser sind mehrere Konten angemeldet. Welches möchten Sie abmelden?
logout-which = { $name } abmelden
logout-confirm = Abmelden
logout-stay = Angemeldet bleiben
signed-out-title = Abgemeldet
signed-out-heading = Sie sind abgemeldet
signed-out-lead = Sie wurden bei { $service } abgemeldet. Sie können diese Seite schließen.
signed-out-shared = Schließen Sie an einem gemeinsam genutzten Computer auch den Browser: Manche Apps haben eine eigene Sitzung.
signed-out-return = Zurück zu { $client }
signed-out-one-heading = Das Konto ist abgemeldet
signed-out-one-lead = Andere Konten sind in diesem Browser noch angemeldet.
signed-out-one-account = Zum anderen Konto
still-signed-in-title = Noch angemeldet
still-signed-in-heading = Sie sind noch angemeldet
still-signed-in-lead = Es wurde nichts geändert. Sie können diese Seite schließen.

## recovery

login-forgot = Passwort vergessen?
recover-title = Passwort vergessen?
recover-failed = Nicht gesendet:
recover-lead = Wir senden einen Link, über den Sie ein neues Passwort wählen, an die E-Mail-Adresse Ihres Kontos.
recover-submit = Link senden
recover-back = Zurück zur Anmeldung
recover-stale = Diese Seite war zu lange geöffnet. Bitte geben Sie Ihren Benutzernamen oder Ihre E-Mail-Adresse noch einmal ein.
recover-wait = Zu viele Anfragen. Bitte warten Sie { $minutes } Min. bis zur nächsten.
recover-asked-title = Sehen Sie in Ihrem Postfach nach
recover-asked-lead = Wenn es ein Konto dieses Namens mit einer E-Mail-Adresse gibt, ist ein Link dorthin unterwegs. Er gilt 30 Minuten.
recover-asked-nothing = Nach einigen Minuten nichts angekommen? Sehen Sie im Spam-Ordner nach, oder fragen Sie die Administration: Sie kann ein neues Passwort setzen.
reset-title = Neues Passwort wählen
reset-failed = Nicht geändert:
reset-lead = Danach sind Sie überall abgemeldet und melden sich mit dem neuen an.
reset-password = Neues Passwort
reset-hint = Mindestens { $shortest } Zeichen. Gut sind ein paar Wörter, die nur Sie so zusammenstellen würden.
reset-submit = Passwort setzen
reset-done-title = Ihr Passwort wurde geändert
reset-done-lead = Sie wurden überall abgemeldet. Melden Sie sich mit dem neuen an.
link-void-title = Dieser Link gilt nicht mehr
link-void-lead = Er wurde benutzt, ist zu alt, oder es gibt einen neueren. Vielleicht wurde er nicht vollständig kopiert.
link-void-again = Einen neuen anfordern

login-email = Anmeldelink per E-Mail senden
mailed-code-title = Sehen Sie in Ihrem Postfach nach
mailed-code-lead = Wenn es ein Konto dieses Namens mit einer E-Mail-Adresse gibt, ist eine E-Mail dorthin unterwegs. Öffnen Sie ihren Link in diesem Browser, oder geben Sie ihren Code hier ein. Beide gelten zehn Minuten.
mailed-code-code = Acht Ziffern
mailed-code-again = Eine weitere E-Mail anfordern oder mit dem Passwort anmelden
mailed-code-wrong = Der Code stimmt nicht, wurde schon benutzt oder ist zu alt. Fordern Sie nach fünf falschen eine weitere E-Mail an.
mailed-link-elsewhere = Fahren Sie dort fort, wo Sie begonnen haben
mailed-link-elsewhere-lead = Dieser Link gilt nur in dem Browser, in dem Sie ihn angefordert haben. Öffnen Sie ihn dort, oder geben Sie dort den Code derselben E-Mail ein. Wenn Sie nichts angefordert haben, schließen Sie diese Seite.

mail-sign-in-subject = Anmeldung bei { $service }
mail-sign-in-heading = Anmelden
mail-sign-in-code = Ihr Code ist { $code }. Geben Sie ihn auf der Seite ein, auf der Sie ihn angefordert haben, und nirgendwo sonst.
mail-sign-in-link = Oder öffnen Sie diesen Link im selben Browser. Beide gelten einmal und zehn Minuten lang.
mail-sign-in-note = Wenn Sie dies nicht angefordert haben, tun Sie nichts. Geben Sie weder Code noch Link weiter: Wer Sie danach fragt, will sich als Sie anmelden.

mail-reset-subject = Neues Passwort für { $service }
mail-reset-heading = Neues Passwort wählen
mail-reset-asked = Jemand hat ein neues Passwort für Ihr Konto angefordert, hoffentlich Sie selbst.
mail-reset-once = Der Link gilt einmal und 30 Minuten lang. Wenn Sie ein neues Passwort gewählt haben, sind Sie überall abgemeldet.
mail-reset-button = Passwort wählen
mail-reset-note = Wenn Sie es nicht waren, tun Sie nichts: Ihr Passwort bleibt, wie es ist. Geben Sie diesen Link nicht weiter.
mail-password-reset-subject = Ihr Passwort für { $service } wurde geändert
mail-password-reset-heading = Ihr Passwort wurde geändert
mail-password-reset-done = Über einen Link, der an diese Adresse gesendet wurde, wurde ein neues Passwort gewählt. Sie wurden überall abgemeldet, und Ihre Apps bitten Sie, sich erneut anzumelden.
mail-password-reset-note = Wenn Sie es nicht waren, liest jemand Ihre E-Mails: Kümmern Sie sich zuerst darum, und wählen Sie dann noch einmal ein Passwort.

## lost factors

lost-title = Alles verloren?
lost-lead =
    { $hours ->
        [one] Wenn Sie weder Ihre App noch einen Wiederherstellungscode haben, sagen Sie es hier. Nach einer Stunde können Sie sich mit Ihrem Passwort und einem Code anmelden, den wir an Ihre E-Mail-Adresse senden.
       *[other] Wenn Sie weder Ihre App noch einen Wiederherstellungscode haben, sagen Sie es hier. Nach { $hours } Stunden können Sie sich mit Ihrem Passwort und einem Code anmelden, den wir an Ihre E-Mail-Adresse senden.
    }
lost-lead-days = Wenn Sie weder Ihre App noch einen Wiederherstellungscode haben, sagen Sie es hier. Nach { $days } Tagen können Sie sich mit Ihrem Passwort und einem Code anmelden, den wir an Ihre E-Mail-Adresse senden.
lost-lead-then = Wir schreiben Ihnen sofort und noch einmal vor dieser Zeit. Wer diese E-Mails liest, kann es abbrechen. Wenn Sie Ihre App oder einen Code wiederfinden, melden Sie sich damit an: Auch das bricht es ab. Die Administration kann früher helfen.
lost-begin = Ich habe alles verloren
lost-waits = Wir haben Ihnen geschrieben. Kommen Sie nach { $at } (UTC) wieder, und melden Sie sich mit Ihrem Passwort an.
lost-waits-then = Dann senden wir Ihnen per E-Mail einen Code, mit dem Ihre zweiten Faktoren entfernt werden. Wenn Sie vorher Profil, Adresse oder Passwort ändern, beginnt die Wartezeit von vorn.
lost-due = Die Zeit ist um. Wir senden einen Code an Ihre E-Mail-Adresse; mit ihm werden Ihre zweiten Faktoren und Wiederherstellungscodes entfernt, und Sie werden überall abgemeldet.
lost-send = Code senden
lost-sent = Ein Code ist zu Ihrer E-Mail-Adresse unterwegs. Er gilt zehn Minuten lang und in diesem Browser.
lost-verify = Meine zweiten Faktoren entfernen
lost-again = Einen weiteren Code senden
lost-back = Zurück zum zweiten Faktor
lost-removed = Ihre zweiten Faktoren wurden entfernt. Melden Sie sich mit Ihrem Passwort an, und fügen Sie gleich einen neuen hinzu.

cancel-recovery-over = Er wurde verwendet, oder seine Zeit ist abgelaufen. Wenn Sie es schon gestoppt haben, bleiben Ihre zweiten Faktoren. Wenn nicht, wählen Sie sofort ein neues Passwort und sehen Sie Ihre zweiten Faktoren durch.
cancel-recovery-title = Haben Sie Ihre zweiten Faktoren noch?
cancel-recovery-lead = Jemand hat Ihr Passwort eingegeben und gesagt, Ihre zweiten Faktoren seien verloren. Wenn Sie das nicht waren, behalten Sie sie hier.
cancel-recovery-submit = Zweite Faktoren behalten
cancel-recovery-done = Ihre zweiten Faktoren bleiben
cancel-recovery-done-lead = Wer gesagt hat, sie seien verloren, kennt Ihr Passwort. Wählen Sie jetzt ein neues.

mail-lost = Jemand hat gesagt, Ihre zweiten Faktoren seien verloren
mail-lost-soon = Ihre zweiten Faktoren können bald entfernt werden
mail-lost-at = Ab { $at } (UTC) genügen Ihr Passwort und ein Code, den wir an diese Adresse senden, um sie zu entfernen.
mail-lost-button = Zweite Faktoren behalten
mail-lost-not-me = Falls Sie das nicht waren: Brechen Sie es mit diesem Link ab, und wählen Sie sofort ein neues Passwort. Wer immer es war, kennt Ihres.
mail-lost-note = Falls Sie es waren, brauchen Sie bis dahin nichts zu tun. Geben Sie diese E-Mail nicht weiter.
mail-lost-code-subject = Ihr Code für { $service }
mail-lost-code-heading = Zweite Faktoren entfernen
mail-lost-code = Ihr Code ist { $code }. Geben Sie ihn auf der Seite ein, auf der Sie ihn angefordert haben, und nirgendwo sonst.
mail-lost-code-not-me = Er entfernt alle zweiten Faktoren Ihres Kontos. Falls Sie ihn nicht angefordert haben, wählen Sie sofort ein neues Passwort: Das bricht es ab.
mail-lost-code-note = Er gilt einmal und zehn Minuten lang. Wer Sie danach fragt, will sich als Sie anmelden.

## start page

landing-title = Anmeldedienst
landing-lead = Hier gibt es nichts zu tun. Öffnen Sie die App, die Sie benutzen möchten; sie führt Sie hierher, wenn Sie sich anmelden müssen.

## account

account-title = Ihr Konto
account-sign-out = Abmelden
accounts-switch = Konto wechseln
accounts-others = Andere Konten in diesem Browser
accounts-switch-to = Zu { $name } wechseln
accounts-switch-to-short = Wechseln
accounts-add = Konto hinzufügen
accounts-sign-out-all = Alle Konten abmelden
entry-account = Übersicht
entry-account-what = Was zu Ihrem Konto gehört.
entry-profile = Profil
entry-profile-what = Ihr Name, Ihr Bild, Ihre Anschrift und Ähnliches.
entry-email = E-Mail-Adresse
entry-email-what = Wohin E-Mails an Sie gehen und womit Sie sich anmelden.
entry-password = Passwort
entry-password-what = Ein anderes wählen.
entry-factors = Zweite Faktoren
entry-factors-what = Womit Sie sich neben dem Passwort ausweisen, und Wiederherstellungscodes.
entry-sessions = Sitzungen
entry-sessions-what = Sehen, wo Sie angemeldet sind, und sich dort abmelden.
entry-apps = Verbundene Apps
entry-apps-what = Sehen, was Sie wem erlaubt haben, und es zurücknehmen.

notice-too-many-changes = Nichts wurde gespeichert: Sie haben Ihr Profil in letzter Zeit sehr oft geändert. Bitte warten Sie eine Stunde.
notice-profile = Ihr Profil wurde gespeichert.
notice-address-asked = Sehen Sie in die E-Mails dieser Adresse: Wer sie liest, kann sie bestätigen.
notice-address-same = Das ist schon Ihre Adresse.
notice-password = Ihr Passwort wurde geändert, und Sie wurden überall sonst abgemeldet.
notice-factor = Die Authentifizierungs-App wurde hinzugefügt. Erstellen Sie auch Wiederherstellungscodes, falls Ihr Telefon verloren geht.
notice-passkey = Der Passkey wurde hinzugefügt. Erstellen Sie auch Wiederherstellungscodes, falls Ihre Geräte verloren gehen.
notice-factor-removed = Der zweite Faktor wurde entfernt.
notice-no-factor = Dieser zweite Faktor war schon entfernt.
notice-no-more-factors = Es kann keine weitere Authentifizierungs-App hinzugefügt werden.
notice-no-more-passkeys = Es kann kein weiterer Passkey hinzugefügt werden.
notice-nothing-to-recover = Fügen Sie zuerst eine Authentifizierungs-App oder einen Passkey hinzu: Wiederherstellungscodes treten an ihre Stelle.
notice-codes-before = Es wurden schon neue Wiederherstellungscodes erstellt, und sie gelten noch. Erstellen Sie andere, wenn Sie sie nicht notiert haben.
notice-session = Diese Sitzung wurde beendet.
notice-no-session = Diese Sitzung war schon beendet.
notice-device = Die nächste Anmeldung in diesem Browser fragt nach einem zweiten Faktor.
notice-no-device = Dieser Browser war nicht mehr gespeichert.
notice-others = Alle anderen Sitzungen wurden beendet.
notice-one-signed-out = Das Konto wurde abgemeldet. Dies ist ein anderes, das in diesem Browser angemeldet ist.
notice-no-account = Dieses Konto ist in diesem Browser nicht mehr angemeldet.
notice-app = Die App hat keinen Zugriff mehr auf Ihr Konto.
notice-no-app = Diese App hatte schon keinen Zugriff mehr auf Ihr Konto.
notice-stale = Diese Seite war zu lange geöffnet, und es wurde nichts geändert. Bitte versuchen Sie es noch einmal.

overview-lead = Womit Sie sich hier anmelden.
overview-username = Benutzername
overview-email = E-Mail-Adresse
overview-not-verified = nicht bestätigt

profile-title = Ihr Profil
profile-failed = Nicht gespeichert:
profile-lead = Was Apps über Sie erfahren können, wenn Sie es erlauben. Jedes Feld darf leer bleiben.
profile-wrong = Es wurde noch nichts gespeichert: Bitte prüfen Sie { $fields ->
    [one] ein Feld
   *[other] { $fields } Felder
}.
field-name = Vollständiger Name
field-name-hint = So, wie er angezeigt werden soll.
field-given-name = Vorname
field-middle-name = Zweiter Vorname
field-family-name = Nachname
field-nickname = Spitzname
field-picture = Bild
field-picture-hint = Die Adresse eines Bildes, beginnend mit https://
field-profile = Profilseite
field-website = Website
field-gender = Geschlecht
field-birthdate = Geburtsdatum
field-birthdate-hint = Jahr, Monat und Tag wie in 1990-01-31, oder nur das Jahr.
field-zoneinfo = Zeitzone
field-zoneinfo-hint = Zum Beispiel Europe/Berlin.
field-locale = Sprache
field-locale-hint = Zum Beispiel en oder de-AT. Auch Seiten und E-Mails sind in dieser Sprache, wenn es sie gibt.
field-phone-number = Telefonnummer
field-phone-number-hint = Mit Landesvorwahl, zum Beispiel +49 30 1234567.
field-street-address = Straße und Hausnummer
field-locality = Ort
field-region = Bundesland oder Region
field-postal-code = Postleitzahl
field-country = Land
must-be-short = Hier sind höchstens { $most } Zeichen möglich.
must-be-a-line = Hier ist eine einzige Zeile Text möglich.
must-be-https = Geben Sie eine Adresse ein, die mit https:// beginnt.
must-be-web-address = Geben Sie eine Adresse ein, die mit https:// oder http:// beginnt.
must-be-birthdate = Geben Sie ein Datum wie 1990-01-31 oder ein Jahr ein.
must-be-text = Dieser Wert kann nicht übernommen werden.

password-title = Ihr Passwort
password-failed = Nicht geändert:
password-lead = Wenn Sie es ändern, werden Sie überall außer hier abgemeldet, und Ihre Apps bitten Sie, sich erneut anzumelden.
password-current = Aktuelles Passwort
password-new = Neues Passwort
password-hint = Mindestens { $least } Zeichen. Gut sind einige Wörter, die nur Sie so zusammenstellen würden.
password-submit = Passwort ändern
password-wrong = Das ist nicht Ihr aktuelles Passwort.

factors-title = Zweite Faktoren
factors-lead = Womit Sie sich beim Anmelden neben dem Passwort ausweisen.
factors-none = Sie haben nichts eingerichtet: Ihr Passwort allein genügt zum Anmelden.
factor-totp = Authentifizierungs-App
factor-passkey = Passkey
factor-suspected = Von diesem Passkey gibt es vielleicht eine Kopie: Sein Zähler lief rückwärts, und er wurde abgelehnt. Entfernen Sie ihn, wenn Sie den Grund nicht kennen.
factor-added = hinzugefügt
factor-used = zuletzt verwendet
factor-unused = noch nie verwendet
factor-remove-which = { $factor } entfernen
recovery-codes-title = Wiederherstellungscodes
recovery-codes-for = Für den Fall, dass Ihre Geräte verloren gehen.
recovery-codes-left = Noch übrig:
recovery-codes-make = Neue Wiederherstellungscodes erstellen
recovery-codes-heading = Ihre Wieder{"\u00AD"}herstellungs{"\u00AD"}codes
recovery-codes-lead = Notieren Sie sie jetzt: Sie werden nicht noch einmal angezeigt. Jeder gilt einmal, und die früheren sind ungültig.
recovery-codes-done = Ich habe sie notiert

sessions-title = Ihre Sitzungen
sessions-lead = Jede ist ein Browser, in dem Sie angemeldet sind. Beenden Sie die, die Sie nicht kennen, und ändern Sie dann Ihr Passwort.
sessions-list = Sitzungen
session-here = diese hier
session-used = Zuletzt verwendet
session-since = angemeldet
session-from = von { $address }
session-from-place = von { $address } ({ $place })
session-end = Beenden
session-end-which = Die Sitzung beenden: { $device }
sessions-end-others = Alle anderen beenden
sessions-everywhere = Überall abmelden
sessions-everywhere-note = Wenn Sie sich überall abmelden, endet auch diese Sitzung, und Ihre Apps können in Ihrer Abwesenheit nicht mehr für Sie handeln.
devices-title = Gespeicherte Browser
devices-lead = In diesen werden Sie beim Anmelden nicht nach einem Code gefragt. Entfernen Sie die, die auch andere benutzen.
device-since = Gespeichert
device-used = zuletzt benutzt
device-forget = Vergessen
device-forget-which = { $device } vergessen
device-unknown = Unbekannter Browser
device-browser = { $browser }
device-browser-on = { $browser } unter { $system }
device-on = Browser unter { $system }

apps-title = Ihre Apps
apps-none = Keine App hat Zugriff auf Ihr Konto.
apps-lead = Was Sie wem erlaubt haben.
apps-list = Verbundene Apps
app-since = Verbunden
app-used = zuletzt verwendet
app-holds-nothing = hat zurzeit keinen Zugriff
app-remove = Zugriff entziehen
app-remove-which = { $app } den Zugriff entziehen
app-open = Öffnen
app-open-which = { $app } öffnen
apps-note = Eine App, die keinen Zugriff mehr hat, fragt Sie bei der nächsten Anmeldung erneut; eine eigene App erhält ihn, ohne zu fragen. Ein Dienst, der nur Signaturen prüft, kann noch einige Minuten lang annehmen, was die App schon hat.

## activity

entry-activity = Aktivität
entry-activity-what = Was mit Ihrem Konto geschehen ist, und was nicht von Ihnen war.
activity-title = Aktivität
activity-lead = Was mit Ihrem Konto geschehen ist, das Neueste zuerst. Sagen Sie es, wenn etwas nicht von Ihnen war.
activity-none = Hier ist nichts mehr bekannt.
activity-latest = Neueste
activity-older = Ältere
activity-dispute = Das war ich nicht
activity-dispute-which = Das war ich nicht: { $what }
activity-app = { $app }
activity-an-app = eine App
activity-by-operator = durch die Administration
activity-by-service = durch diesen Dienst
activity-by-app = durch { $app }
activity-created = Ihr Konto wurde angelegt
activity-updated = Ihr Profil oder Ihre Anmeldedaten wurden geändert
activity-enabled = Ihr Konto wurde wieder freigegeben
activity-disabled = Ihr Konto wurde gesperrt
activity-password = Ihr Passwort wurde geändert
activity-recovery = Ein Link für ein neues Passwort wurde an Ihre Adresse gesendet
activity-sign-in-link = Ein Link und ein Code zur Anmeldung wurden an Ihre Adresse gesendet
activity-passkey-suspected = Ein Passkey wurde möglicherweise kopiert: Entfernen Sie ihn, wenn Sie nicht sicher sind
activity-unlocked = Die Wartezeit nach falschen Passwörtern wurde aufgehoben
activity-signed-in = Sie haben sich angemeldet
activity-renewed = Sie haben bestätigt, dass Sie es sind
activity-ended = { $count ->
    [one] Eine Sitzung wurde beendet
   *[other] { $count } Sitzungen wurden beendet
}
activity-factor-added = Ein zweiter Faktor wurde hinzugefügt
activity-lost = Jemand hat Ihr Passwort eingegeben und gesagt, Ihre zweiten Faktoren seien verloren
activity-lost-cancelled = Das Entfernen Ihrer zweiten Faktoren wurde gestoppt
activity-factor-removed = Ein zweiter Faktor wurde entfernt
activity-codes-made = Wiederherstellungscodes wurden erstellt
activity-code-used = Ein Wiederherstellungscode wurde zur Anmeldung verwendet
activity-remembered = Ein Browser wurde gespeichert, in dem kein Code verlangt wird
activity-forgotten = { $count ->
    [one] Ein gespeicherter Browser wurde entfernt
   *[other] { $count } gespeicherte Browser wurden entfernt
}
activity-disputed = Sie haben gesagt, dass etwas nicht von Ihnen war
activity-allowed = Zugriff auf Ihr Konto erlaubt: { $app }
activity-revoked = Zugriff auf Ihr Konto entzogen: { $app }
activity-denied = Zugriff auf Ihr Konto abgelehnt: { $app }
activity-access-ended = Zugriff auf Ihr Konto beendet: { $app }
notice-disputed = Das wurde vermerkt. Die Sitzung, in der es geschah, wurde beendet, und kein Browser ist mehr gespeichert.
notice-disputed-here = Das wurde vermerkt, und kein Browser ist mehr gespeichert. Es geschah in der Sitzung, die Sie gerade verwenden: Melden Sie sich überall ab, wenn noch jemand diesen Browser benutzt.
notice-no-event = Das steht nicht mehr in der Liste.
notice-too-many-disputed = Das wurde in einer Stunde zu oft gesagt. Wählen Sie ein anderes Passwort, und melden Sie sich überall ab.
disputed-title = Sichern Sie jetzt Ihr Konto
disputed-lead = Wer auch immer es war, konnte sich als Sie anmelden und kann es wieder, bis Sie das ändern.
disputed-password = Ein anderes Passwort wählen
disputed-password-why = Überall sonst sind Sie dann abgemeldet.
disputed-factors = Zweite Faktoren prüfen
disputed-factors-why = Entfernen Sie, was nicht Ihnen gehört, und erstellen Sie neue Wiederherstellungscodes.
disputed-sessions = Sitzungen prüfen
disputed-sessions-why = Beenden Sie die, die Sie nicht kennen, oder alle.

## data

entry-data = Ihre Daten
entry-data-what = Alles mitnehmen, was über Sie gespeichert ist.
data-title = Ihre Daten
data-lead = Alles, was dieser Dienst über Sie speichert, in einer Datei, die Sie und Programme lesen können (JSON).
data-profile = Ihr Profil, womit Sie sich anmelden, und ob Ihre Adresse bestätigt ist
data-factors = Ihre zweiten Faktoren: wie sie heißen, seit wann es sie gibt und wann sie zuletzt benutzt wurden; Geheimnisse sind nicht dabei
data-sessions = wo Sie angemeldet sind, und die gemerkten Browser
data-apps = die Apps mit Zugriff auf Ihr Konto, und was sie dürfen
data-events = was mit Ihrem Konto geschehen ist, solange es aufbewahrt wird, und Links aus E-Mails an Sie, die noch gelten
data-note = Bewahren Sie die Datei so auf, dass niemand sonst sie liest: Sie sagt, von wo Sie sich angemeldet haben. Dass Sie sie heruntergeladen haben, wird festgehalten.
data-submit = Meine Daten herunterladen
data-too-often = Sie haben Ihre Daten in letzter Zeit mehrmals heruntergeladen. Bitte warten Sie { $minutes } min.
activity-data = Sie haben alles heruntergeladen, was über Sie gespeichert ist

## deletion

entry-delete = Konto löschen
entry-delete-what = Ihr Konto mit allem, was dazugehört, löschen.
delete-title = Ihr Konto löschen
delete-failed = Nicht gelöscht:
delete-lead = { $days ->
    [0] Ihr Konto wird innerhalb einer Stunde gelöscht.
    [one] Ihr Konto wird nach einem Tag gelöscht. Bis dahin können Sie sich anmelden und es behalten.
   *[other] Ihr Konto wird nach { $days } Tagen gelöscht. Bis dahin können Sie sich anmelden und es behalten.
}
delete-lead-hours = { $hours ->
    [one] Ihr Konto wird nach einer Stunde gelöscht. Bis dahin können Sie sich anmelden und es behalten.
   *[other] Ihr Konto wird nach { $hours } Stunden gelöscht. Bis dahin können Sie sich anmelden und es behalten.
}
delete-lead-minutes = { $minutes ->
    [one] Ihr Konto wird nach einer Minute gelöscht. Bis dahin können Sie sich anmelden und es behalten.
   *[other] Ihr Konto wird nach { $minutes } Minuten gelöscht. Bis dahin können Sie sich anmelden und es behalten.
}
delete-what = Sie werden sofort überall abgemeldet, und keine App kann mehr etwas für Sie tun. Danach werden Ihr Profil, Ihre Anmeldedaten und das, was Sie Apps erlaubt haben, endgültig gelöscht. Was damit geschah, bleibt eine Zeit lang im Protokoll dieses Dienstes.
delete-confirmation = Geben Sie zur Bestätigung { $name } ein
delete-submit = Mein Konto löschen
delete-not-confirmed = Damit melden Sie sich nicht an.
delete-switched-off = Konten löscht hier die Administration. Bitte wenden Sie sich an sie.
delete-administrator = Sie verwalten diesen Dienst. Jemand anderes aus der Administration muss Ihnen zuerst die Verwaltungsrechte entziehen.
deletion-begun-title = Ihr Konto wird gelöscht
deletion-begun-lead = Sie wurden überall abgemeldet. Es wird gelöscht am
deletion-begun-undo = Wenn Sie es sich anders überlegen, melden Sie sich vorher an.
keep-title = Konto behalten?
keep-lead = { $account } wird, wie von Ihnen gewünscht, gelöscht am
keep-what = Wenn Sie es behalten, ist alles wie vorher. Ihre Apps fragen Sie erneut nach einer Anmeldung.
keep-submit = Mein Konto behalten
keep-leave = Löschen lassen
activity-deletion-begun = Ihr Konto sollte gelöscht werden
activity-deletion-undone = Ihr Konto wurde behalten

## passwords

password-too-short = Dieses Passwort ist nicht möglich: Es hat { $found } Zeichen und braucht mindestens { $least }. Einige Wörter, die nicht zusammengehören, sind lang und leicht zu merken.
password-too-long = Dieses Passwort ist nicht möglich: Es hat mehr als { $most } Bytes. Wählen Sie ein kürzeres.
password-own-data = Dieses Passwort ist nicht möglich: Es besteht aus { $datum }, und das probieren andere zuerst. Wählen Sie eines, das nichts mit Ihnen oder diesem Dienst zu tun hat.
password-common = Dieses Passwort ist nicht möglich: Es ist sehr verbreitet oder ebenso schnell zu erraten. Wählen Sie einige Wörter, die nicht zusammengehören.
password-pattern = Dieses Passwort ist nicht möglich: Es ist nichts als { $weakness }. Wählen Sie einige Wörter, die nicht zusammengehören.
password-weak = Dieses Passwort ist nicht möglich: Es ist zu leicht zu erraten. Fügen Sie ein oder zwei Wörter hinzu.
password-weak-because = Dieses Passwort ist nicht möglich: Es ist zu leicht zu erraten, weil der größte Teil davon { $weakness } ist. Fügen Sie ein oder zwei Wörter hinzu.
password-breached = Dieses Passwort ist nicht möglich: Es wurde { $times ->
    [one] einmal
   *[other] { $times }-mal
} unter Passwörtern gefunden, die anderswo gestohlen wurden. Wählen Sie ein anderes, und ändern Sie es überall, wo Sie es verwenden.
own-username = Ihrem Benutzernamen
own-email = Ihrer E-Mail-Adresse
own-name = Ihrem Namen
own-birthdate = Ihrem Geburtsdatum
own-phone = Ihrer Telefonnummer
own-service = dem Namen dieses Dienstes
own-several = dem, was über Sie oder diesen Dienst bekannt ist
weakness-keyboard = eine Folge benachbarter Tasten
weakness-repetition = eine Wiederholung
weakness-sequence = eine Folge wie abc oder 6543
weakness-common = ein abgewandeltes verbreitetes Passwort
weakness-word = ein einzelnes Wort
weakness-name = ein Name
weakness-date = ein Datum oder eine Jahreszahl

## times

when-now = gerade eben
when-minutes = { $minutes ->
    [one] vor { $minutes } Minute
   *[other] vor { $minutes } Minuten
}
when-hours = { $hours ->
    [one] vor { $hours } Stunde
   *[other] vor { $hours } Stunden
}
when-days = { $days ->
    [one] vor { $days } Tag
   *[other] vor { $days } Tagen
}
when-long-ago = vor langer Zeit
when-day = { $day }. { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
} { $year }
when-minute = { $day }. { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
} { $year }, { $minute } Uhr (UTC)

## errors

error-advice = Was Sie tun können:
error-request-id = Anfrage-Kennung
error-request-id-for = Nennen Sie sie den Betreibern dieses Dienstes: Sie führt zur Ursache.
error-try-again = Gehen Sie zurück zur App und versuchen Sie es noch einmal.
error-tell-its-makers = Gehen Sie zurück zur App und versuchen Sie es noch einmal. Wenn diese Seite wieder erscheint, nennen Sie den Herstellern der App die Anfrage-Kennung.
error-refused = Diese Anfrage kann nicht beantwortet werden
error-not-found = Hier ist nichts
error-not-found-what = Unter dieser Adresse gibt es keine Seite.
error-failed = Das hat nicht funktioniert
error-failed-what = Bei uns ist etwas schiefgegangen.
error-busy-title = Bitte versuchen Sie es noch einmal
error-busy = Der Server ist ausgelastet oder wird gewartet. Es ist nichts verloren: Versuchen Sie es gleich noch einmal.
error-forbidden = Das dürfen Sie nicht.
error-no-factor = Zu diesem Konto kann zurzeit kein zweiter Faktor hinzugefügt werden.
error-no-flow = Diese Seite gehört zu einer Anmeldung, und der Link sagt nicht, zu welcher.
error-damaged-link = Der Link dieser Seite ist beschädigt.
error-unknown-flow = Diese Anmeldung ist hier nicht mehr bekannt.
error-no-cookie = Ihr Browser hat das Cookie dieser Seite nicht behalten. Erlauben Sie Cookies für sie und versuchen Sie es noch einmal.
error-client-gone = Die App ist nicht mehr registriert.
error-nobody-signed-in = Niemand ist angemeldet.
error-foreign-form = Dieses Formular wurde von einer anderen Website gesendet.
error-no-sign-up = Konten werden hier von denen angelegt, die diesen Dienst betreiben.
error-no-sign-up-advice = Bitten Sie dort um eines.
error-not-a-form = Was gesendet wurde, ist kein Formular.
error-cut-off = Was gesendet wurde, ist zu groß oder wurde abgeschnitten.
error-too-slow = Was gesendet wurde, kam zu langsam an.
error-malformed = Etwas, das gesendet wurde, lässt sich nicht als Text lesen.
error-too-many = Die Anfrage hat zu viele Parameter.
error-repeated = Etwas wurde mehr als einmal gesendet.
error-client-unknown = Die App, von der Sie kommen, ist hier nicht bekannt.
error-client-disabled = Die App, von der Sie kommen, ist zurzeit nicht zugelassen.
error-redirect = Die App möchte Sie zu einer Adresse zurückführen, für die sie nicht registriert ist.
error-post-logout = Die App möchte Sie zu einer Adresse weiterführen, für die sie nicht registriert ist.
error-application = Die App, von der Sie kommen, hat um etwas gebeten, das nicht beantwortet werden kann.

## mails

mail-test-subject = Test-E-Mail von { $service }
mail-test-heading = E-Mail funktioniert
mail-test-asked = { $asked_by } hat diese E-Mail angefordert, um zu prüfen, ob E-Mails von { $issuer } ankommen. Das tun sie.
mail-test-open = { $service } öffnen
mail-test-note = Sie müssen nichts tun. Auf demselben Weg erhalten Nutzerinnen und Nutzer E-Mails von hier.

mail-told-subject = { $what } ({ $service })
mail-told-at = Wann: { $at } (UTC).
mail-told-browser = Womit: { $browser }.
mail-told-browser-on = Womit: { $browser } unter { $system }.
mail-told-address = Von der Adresse { $address }.
mail-told-address-place = Von der Adresse { $address }, vermutlich in { $place }.
mail-told-by-administrator = Das war die Administration.
mail-told-not-me = Falls Sie das nicht waren und auch nicht darum gebeten haben: Wählen Sie sofort ein neues Passwort. Damit werden Sie überall abgemeldet, und wer immer es war, auch.
mail-told-remove = Melden Sie sich danach an, und entfernen Sie es, denn bis dahin funktioniert es weiter: { $page }
mail-told-recover = Neues Passwort wählen
mail-told-note = Falls Sie es waren, brauchen Sie nichts zu tun. Diese E-Mail kommt an die Adresse Ihres Kontos bei { $service }, sobald etwas geschieht, wovon dessen Sicherheit abhängt.

mail-password-changed = Ihr Passwort wurde geändert
mail-factor-added = Ihrem Konto wurde ein zweiter Faktor hinzugefügt
mail-factor-removed = Ein zweiter Faktor Ihres Kontos wurde entfernt
mail-passkey-suspected = Von Ihrem Passkey gibt es vielleicht eine Kopie
mail-factors-reset = Ihre zweiten Faktoren wurden zurückgesetzt
mail-recovery-codes-made = Neue Wiederherstellungscodes wurden erstellt
mail-recovery-code-used = Jemand hat sich mit einem Ihrer Wiederherstellungscodes angemeldet
mail-deletion-begun = Ihr Konto wird gelöscht
mail-deletion-at = Es wird am { $at } gelöscht. Melden Sie sich vorher an, wenn Sie es behalten möchten: Ein neues Passwort allein verhindert das Löschen nicht.
mail-new-browser = Jemand hat sich mit einem neuen Browser bei Ihrem Konto angemeldet
mail-sign-up-subject = Bestätigen Sie Ihre Adresse für { $service }
mail-sign-up-heading = Bestätigen Sie Ihre Adresse
mail-sign-up-asked = Jemand, vermutlich Sie, möchte mit dieser Adresse ein Konto bei { $issuer }. Bestätigen Sie sie, dann wird das Konto angelegt. Der Link gilt einmal und einen Tag lang.
mail-sign-up-code = Ihr Code ist { $code }. Geben Sie ihn dort ein, wo Sie das Konto wollten, falls Sie dort danach gefragt werden; sagen Sie ihn niemandem.
mail-sign-up-open = Adresse bestätigen
mail-sign-up-note = Wenn Sie es nicht waren, tun Sie nichts: Es wird kein Konto angelegt.
mail-has-account-subject = Sie haben ein Konto bei { $service }
mail-has-account-heading = Sie haben schon ein Konto
mail-has-account-asked = Jemand, vermutlich Sie, wollte mit dieser Adresse bei { $issuer } ein neues Konto anlegen oder sie für ein anderes Konto verwenden. Sie gehört zu dem Konto, das Sie dort haben; deshalb wurde nichts geändert. Melden Sie sich stattdessen damit an; wenn Sie das Passwort nicht mehr wissen, führt die Anmeldeseite zu einem neuen.
mail-has-account-open = Anmelden
mail-has-account-note = Wenn Sie es nicht waren, ist nichts zu tun. Wer es war, hat nichts über Ihr Konto erfahren.
mail-looks-like-another-subject = Diese Adresse kann bei { $service } nicht verwendet werden
mail-looks-like-another-heading = Diese Adresse kann nicht verwendet werden
mail-looks-like-another-asked = Jemand, vermutlich Sie, wollte diese Adresse bei { $issuer } verwenden. Sie sieht genauso aus wie eine andere, die dort verwendet wird, mit Buchstaben eines anderen Alphabets, sodass man die beiden verwechseln würde. Bitte wählen Sie eine andere Adresse.
mail-looks-like-another-open = { $service } öffnen
mail-looks-like-another-note = Wenn Sie es nicht waren, ist nichts zu tun.
mail-invitation-subject = Sie sind zu { $service } eingeladen
mail-invitation-heading = Sie sind eingeladen
mail-invitation-asked = Sie können mit dieser Adresse ein Konto bei { $issuer } anlegen: Wählen Sie ein Passwort, dann ist es da. Der Link gilt einmal, bis { $until }.
mail-invitation-open = Konto anlegen
mail-invitation-note = Wenn Sie nicht wissen, warum Sie eingeladen wurden, tun Sie nichts: Es wird kein Konto angelegt.
mail-email-confirm-subject = Bestätigen Sie Ihre Adresse für { $service }
mail-email-confirm-heading = Bestätigen Sie Ihre Adresse
mail-email-confirm-asked = Das Konto { $account } bei { $issuer } soll diese Adresse bekommen. Bestätigen Sie sie, wenn es Ihr Konto ist. Der Link gilt einmal und einen Tag lang.
mail-email-confirm-code = Oder geben Sie diesen Code in der Anwendung ein, in der Sie ihn angefordert haben, und nirgendwo sonst: { $code }. Eines von beiden genügt.
mail-email-confirm-open = Adresse bestätigen
mail-email-confirm-note = Wenn es nicht Ihr Konto ist, tun Sie nichts: Ihre Adresse wird nicht verwendet.
mail-deletion-undone = Ihr Konto wird nicht gelöscht
mail-email-restored-subject = Dies ist wieder die Adresse Ihres Kontos bei { $service }
mail-email-restored-heading = Dies ist wieder die Adresse Ihres Kontos
mail-email-restored-ended = Alle wurden abgemeldet, und das Passwort gilt nicht mehr: Wählen Sie ein neues. Nach zweiten Faktoren aus der Zeit vor der Änderung wird weiterhin gefragt.
mail-email-restored-factors = { $count ->
    [one] Ein zweiter Faktor, der seit der Änderung hinzukam, wurde entfernt.
   *[other] { $count } zweite Faktoren, die seit der Änderung hinzukamen, wurden entfernt.
}
mail-email-restored-note = Falls nicht Sie die Änderung rückgängig gemacht haben, liest jemand anderes Ihre Mails: Wählen Sie zuerst für Ihr Postfach ein neues Passwort.
mail-email-taken-back-subject = Dies ist nicht mehr die Adresse Ihres Kontos bei { $service }
mail-email-taken-back-heading = Dies ist nicht mehr die Adresse Ihres Kontos
mail-email-taken-back-told = Wer die Mails der bisherigen Adresse liest, hat die Änderung rückgängig gemacht. Das Konto bei { $issuer } hat wieder diese Adresse, und alle wurden abgemeldet.
mail-email-taken-back-note = Falls Sie das nicht waren, bitten Sie die Betreiber von { $service } um Hilfe.
mail-email-changed-subject = Ihre Adresse bei { $service } wurde geändert
mail-email-changed-heading = Ihre Adresse wurde geändert
mail-email-changed-told = Ihr Konto bei { $issuer } hat jetzt eine andere Adresse: { $address }. E-Mails gehen von nun an dorthin.
mail-email-changed-undo = Wenn Sie es nicht waren, machen Sie es rückgängig: Das Konto hat dann wieder diese Adresse, alle werden abgemeldet, und Sie wählen ein neues Passwort. Der Link gilt bis { $until }.
mail-email-changed-open = Das war ich nicht
mail-email-changed-note = Wenn Sie es waren, ist nichts zu tun.

## sign-up

link-over-title = Dieser Link gilt nicht mehr
sign-up-title = Konto anlegen
sign-up-not-done = Noch nicht fertig
sign-up-for-client = um mit { $client } fortzufahren
sign-up-invited = Sie wurden eingeladen: Wählen Sie ein Passwort, dann gehört das Konto Ihnen.
sign-up-lead = mit Ihrer E-Mail-Adresse
sign-up-email = E-Mail-Adresse
sign-up-username = Benutzername
sign-up-username-optional = Benutzername (wenn Sie einen möchten)
sign-up-password = Passwort
sign-up-password-hint = Mindestens { $shortest } Zeichen. Gut sind ein paar Wörter, die nur Sie so zusammenstellen würden.
sign-up-submit = Konto anlegen
sign-up-have-account = Ich habe schon ein Konto
sign-up-stale = Diese Seite war zu lange geöffnet, und es ist nichts geschehen. Bitte füllen Sie sie noch einmal aus.
sign-up-wait = Zu viele Versuche. Bitte warten Sie { $minutes } Min. bis zum nächsten.
sign-up-sent-title = Sehen Sie in Ihrem Postfach nach
sign-up-sent = Wir haben eine E-Mail an diese Adresse geschickt. Öffnen Sie den Link darin innerhalb eines Tages in diesem Browser, um fortzufahren. Wenn nichts kommt, sehen Sie im Spam-Ordner nach oder versuchen Sie es noch einmal.
sign-up-email-wrong = An diese Adresse kann keine E-Mail geschickt werden.
sign-up-domain-wrong = Adressen dieser Domain werden hier nicht angenommen. Verwenden Sie die Ihrer Organisation.
sign-up-username-mixed = Ein Benutzername darf keine Buchstaben verschiedener Alphabete mischen.
sign-up-username-at = Ein Benutzername darf kein @ enthalten: Das ist für E-Mail-Adressen.
sign-up-username-wrong = Ein Benutzername darf keine Leerzeichen und keine unsichtbaren Zeichen enthalten und höchstens 254 Bytes lang sein.
sign-up-username-missing = Wählen Sie einen Benutzernamen.
sign-up-username-taken = Diesen Benutzernamen, oder einen, der ihm ähnlich sieht, hat schon jemand. Wählen Sie einen anderen.
sign-up-invitation-over = Die Einladung wurde verwendet, oder ihre Zeit ist abgelaufen. Wenn Sie Ihr Konto schon haben, melden Sie sich an; sonst bitten Sie um eine neue Einladung.
sign-up-go-to-sign-in = Anmelden
sign-up-taken-title = Dieser Name ist inzwischen vergeben
sign-up-taken = Jemand anderes hat den Benutzernamen genommen, oder einen Namen, der Ihrem ähnlich sieht, während Ihre E-Mail wartete. Bitte beginnen Sie noch einmal.
sign-up-exists-title = Sie haben schon ein Konto
sign-up-exists = Mit dieser Adresse gibt es schon ein Konto, und es wurde nichts geändert. Melden Sie sich an; wenn Sie sein Passwort nicht kennen, können Sie dort ein neues wählen.
sign-up-again = Noch einmal beginnen
sign-up-confirm-title = Adresse bestätigen
sign-up-confirm = Das Konto wird mit { $address } angelegt. Bestätigen Sie das, wenn Sie es selbst angefordert haben.
sign-up-confirm-submit = Bestätigen und Konto anlegen
sign-up-elsewhere = In einem anderen Browser wurde ein Konto mit dieser Adresse angefordert. Wenn Sie das waren, geben Sie das Passwort ein, das Sie dort gewählt haben. Wenn Sie kein Konto angefordert haben, schließen Sie diese Seite: Ohne dieses Passwort wird keines angelegt.
sign-up-elsewhere-password = Das Passwort, das Sie gewählt haben
sign-up-elsewhere-wrong = Das ist nicht das Passwort, das gewählt wurde. Nach fünf Versuchen gilt der Link nicht mehr.
sign-up-elsewhere-unknown = Sie möchten ein Konto und kennen dieses Passwort nicht?
sign-up-link-over = Er wurde verwendet, oder seine Zeit ist abgelaufen. Wenn Sie Ihre Adresse bestätigt haben, melden Sie sich an; sonst beginnen Sie noch einmal.
sign-up-confirmed = Ihr Konto ist angelegt. Bitte melden Sie sich an.
sign-up-link = Konto anlegen

## e-mail address

email-title = Ihre E-Mail-Adresse
email-not-changed = Nicht geändert
email-lead = Dorthin gehen E-Mails an Sie, und Sie können sich damit anmelden.
email-now = Adresse
email-not-verified = (nicht bestätigt)
email-verify = Link zur Bestätigung schicken
email-new = Neue Adresse
email-hint = Wir schicken einen Link dorthin. Bis er geöffnet wird, bleibt alles, wie es ist.
email-submit = Link schicken
email-confirm-title = Adresse bestätigen
email-confirm = Das Konto von { $account } soll die Adresse { $address } bekommen. Bestätigen Sie das, wenn es Ihr Konto ist.
email-sign-in-title = Melden Sie sich zuerst an
email-sign-in-first = Das Konto von { $account } soll die Adresse { $address } bekommen. Um sie zu bestätigen, melden Sie sich hier bei diesem Konto an; danach kommen Sie auf diese Seite zurück. Wenn dieses Konto nicht Ihres ist, schließen Sie diese Seite: Ihre Adresse wird nicht verwendet.
email-sign-in = Anmelden
email-confirm-submit = Adresse bestätigen
email-done-title = Ihre Adresse ist bestätigt
email-done = Das Konto hat die Adresse { $address }.
email-undo-title = Adresse zurückholen
email-undo = Das Konto hat dann wieder die Adresse { $address }, alle werden abgemeldet, und das Passwort gilt nicht mehr.
email-undo-submit = Zurückholen
email-undone-title = Ihre Adresse gehört wieder Ihnen
email-undone = Alle wurden abgemeldet. Wählen Sie jetzt ein neues Passwort: Der Link dafür kommt an diese Adresse.
email-undone-go-on = Neues Passwort wählen
email-taken-title = Diese Adresse gehört zu einem anderen Konto
email-taken = Sie wurde inzwischen einem anderen Konto gegeben, und es wurde nichts geändert.
email-not-now-title = Im Moment nicht
email-not-now = Die Adresse wurde in letzter Zeit zu oft geändert. Es wurde nichts geändert; der Link gilt weiter. Bitte versuchen Sie es später noch einmal.
email-link-over = Er wurde verwendet, seine Zeit ist abgelaufen, oder das Konto wurde seitdem geändert.
email-own-account = Ihr Konto

# Signing in through other providers
upstream-denied = Die Anmeldung mit { $provider } kam nicht zustande. Versuchen Sie es erneut, oder wählen Sie einen anderen Weg.
upstream-down = { $provider } antwortet im Moment nicht. Wählen Sie einen anderen Weg, oder versuchen Sie es in einer Minute erneut. (Anfrage { $request })
upstream-unsound = Die Antwort von { $provider } konnte nicht angenommen werden; niemand wurde angemeldet. Bitte versuchen Sie es erneut. (Anfrage { $request })
upstream-not-admitted = Dieses Konto bei { $provider } darf sich hier nicht anmelden. Nehmen Sie ein anderes, oder fragen Sie den Betreiber. (Anfrage { $request })
upstream-no-account = Mit diesem Konto bei { $provider } ist hier niemand verbunden. Melden Sie sich auf anderem Weg an. (Anfrage { $request })
upstream-prove-first = Sie haben hier wohl schon ein Konto. Melden Sie sich zuerst daran an; dann können Sie { $provider } auf Ihren Kontoseiten verbinden.
upstream-stale = { $provider } hat nicht bestätigt, dass Sie sich dort gerade eben angemeldet haben. Weisen Sie sich auf andere Weise aus oder melden Sie sich dort neu an. (Anfrage { $request })
upstream-another-account = Das war ein anderes Konto als das, das sich anmelden soll.
upstream-again = Das hat nicht geklappt. Bitte versuchen Sie { $provider } noch einmal.
upstream-too-many = Von hier aus wurden zu viele Anmeldungen begonnen. Bitte versuchen Sie es in einigen Minuten erneut.
upstream-with = Mit { $provider } anmelden
upstream-is-down = { $provider } antwortet im Moment nicht
error-no-provider = Diesen Weg, sich anzumelden, gibt es hier nicht.
notice-identity = Verbunden. Sie können sich ab jetzt damit anmelden.
notice-identity-removed = Getrennt. Damit meldet sich hier niemand mehr an.
notice-no-identity = Es war nicht mehr verbunden.
notice-last-identity = Es ist Ihr einziger Weg, sich anzumelden. Wählen Sie zuerst ein Passwort, oder verbinden Sie ein weiteres Konto.
notice-identity-elsewhere = Es ist mit einem anderen Konto hier verbunden. Trennen Sie es zuerst dort.
notice-provider-down = Der Anbieter antwortet im Moment nicht. Bitte versuchen Sie es in einer Minute erneut.
notice-not-connected = Nichts wurde verbunden: Der Anbieter hat nicht gesagt, wer Sie sind, oder das Konto darf hier nicht verwendet werden.
notice-many-connections = Nichts wurde verbunden: Es wurde zu oft versucht, oder es sind schon zu viele. Bitte versuchen Sie es später erneut.
entry-connections = Verbundene Konten
entry-connections-what = Mit Google, GitHub und anderen anmelden
connections-title = Verbundene Konten
connections-lead = Mit jedem davon können Sie sich an Ihrem Konto anmelden.
connections-none = Kein Konto anderswo ist verbunden.
connections-list = Ihre verbundenen Konten
connections-add = Ein weiteres verbinden
connections-add-first = Ein Konto verbinden
connection-since = verbunden
connection-used = zuletzt verwendet
connection-unused = noch nie verwendet
connection-remove = Trennen
connection-remove-which = { $provider } trennen
connection-add-which = { $provider } verbinden
activity-identity-connected = Ein Konto anderswo wurde verbunden, mit dem man sich anmelden kann
activity-identity-removed = Ein Konto anderswo wurde getrennt
activity-upstream-token-lost = Ein verbundenes Konto anderswo lässt Anwendungen nicht mehr für Sie handeln; melden Sie sich damit neu an, um es zu erlauben
scope-upstream = Bei { $provider } für Sie handeln
scope-upstream-what = Den Zugriff auf Ihr Konto dort erhalten, den Sie diesem Dienst gegeben haben
mail-identity-connected = { $provider } wurde mit Ihrem Konto verbunden
mail-identity-removed = Ein verbundenes Konto wurde von Ihrem getrennt
