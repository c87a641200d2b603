# Courier's IMAP and POP3 servers with users in userdb, in their own Debian, whose mail and configuration are where this machine has them.
groupadd --gid 5000 vmail && useradd --uid 5000 --gid vmail --home-dir /srv/mail --no-create-home --shell /usr/sbin/nologin vmail
mkdir -p /srv/mail /etc/courier "$COURIER/root/srv/mail"
mount --bind /srv/mail "$COURIER/root/srv/mail" && mount --bind "$COURIER/root/etc/courier" /etc/courier
systemctl start courier-imap || cat "$COURIER"/*.log
imap() { curl -sS --user "$1" "imap://127.0.0.1/$2" -X "$3" | tr -d '\r'; }
put() { printf 'From: joe@example.net\r\nSubject: %s\r\n\r\nText\r\n' "$1" > /root/message && curl -sS --user alice:pass -T /root/message "imap://127.0.0.1/$2"; }
