# A site as Debian's handbooks have it: Postfix takes mail and hands it to Dovecot by LMTP; users are in a file, mail is in /srv/vmail.
groupadd --gid 5000 vmail && useradd --uid 5000 --gid vmail --home-dir /srv/vmail --no-create-home --shell /usr/sbin/nologin vmail
install -d -o vmail -g vmail /srv/vmail
mkdir -p /etc/dovecot /etc/postfix /var/lib/postfix
for user in alice bob; do
	echo "$user@example.test:$(openssl passwd -6 secret-of-$user)::::::"
done > /etc/dovecot/users
cat > /etc/dovecot/dovecot.conf << DOVECOT
protocols = imap pop3 lmtp
listen = *
ssl = no
disable_plaintext_auth = no
log_path = /var/log/dovecot.log
mail_location = maildir:~/Maildir
passdb {
  driver = passwd-file
  args = scheme=CRYPT username_format=%u /etc/dovecot/users
}
userdb {
  driver = passwd-file
  args = username_format=%u /etc/dovecot/users
  default_fields = uid=vmail gid=vmail home=/srv/vmail/%d/%n
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = 2400
  }
}
DOVECOT
cat > /etc/postfix/main.cf << POSTFIX
compatibility_level = 3.6
queue_directory = /var/spool/postfix
data_directory = /var/lib/postfix
maillog_file = /var/log/mail.log
maillog_file_prefixes = /var
myhostname = mail.example.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = all
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = example.test
virtual_mailbox_maps = static:anybody
virtual_alias_maps = inline:{ { postmaster@example.test = alice@example.test } }
virtual_transport = lmtp:inet:127.0.0.1:2400
smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_peername_lookup = no
minimal_backoff_time = 1s
POSTFIX
cat > /etc/postfix/master.cf << POSTFIX
25 inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
pickup unix n - n 60 1 pickup
showq unix n - n - - showq
flush unix n - n 1000? 0 flush
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
anvil unix - - n - 1 anvil
lmtp unix - - n - - lmtp
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
POSTFIX
mkdir -p /var/spool/postfix && chown postfix /var/lib/postfix
systemctl start dovecot && systemctl start postfix

# bring SUBJECT...: as another host brings messages to alice.
bring() {
	for subject in "$@"; do
		swaks --server 127.0.0.1 --helo mx.example.net --from joe@example.net --to alice@example.test --header "Subject: $subject" > /dev/null || return 1
	done
}
has() { curl -sS --max-time 10 --user alice@example.test:secret-of-alice 'imap://127.0.0.1/INBOX' -X 'UID SEARCH ALL' | tr -d '\r' | grep -E -q "^\* SEARCH( [0-9]+){$1}\$"; }
