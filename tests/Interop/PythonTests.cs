namespace FullStack.Interop;

/// <summary>Python's smtplib, imaplib and poplib.</summary>
public sealed class PythonTests(InteropServer server) : IClassFixture<InteropServer>
{
    [Fact]
    public async Task Smtplib_sends()
        => await RunAsync($"""
            import smtplib, ssl
            from email.message import EmailMessage
            m = EmailMessage()
            m['From'] = '{InteropServer.Alice}'; m['To'] = '{InteropServer.Bob}'; m['Subject'] = 'Grüße aus Python'
            m.set_content('Zwei Zeilen\n.und ein Punkt\n')
            c = ssl.create_default_context(cafile='{server.CertificateFile}')
            with smtplib.SMTP('localhost', {server.Submission}, timeout=20) as s:
                s.starttls(context=c)
                s.login('{InteropServer.Alice}', '{InteropServer.PasswordOf(InteropServer.Alice)}')
                assert s.send_message(m) == {Braces("")}
            with smtplib.SMTP_SSL('localhost', {server.Submissions}, timeout=20, context=c) as s:
                s.login('{InteropServer.Alice}', '{InteropServer.PasswordOf(InteropServer.Alice)}')
                try:
                    s.sendmail('{InteropServer.Alice}', ['{InteropServer.Bob}', 'nobody@example.test', 'x@elsewhere.example'], m.as_bytes())
                    refused = {Braces("")}
                except smtplib.SMTPRecipientsRefused as e:
                    refused = e.recipients
                assert s.noop()[0] == 250
            with smtplib.SMTP('localhost', {server.Smtp}, timeout=20) as s:
                s.ehlo()
                assert s.has_extn('pipelining') and s.has_extn('8bitmime') and s.has_extn('smtputf8') and s.has_extn('size')
                code, text = s.docmd('VRFY', 'alice')
                assert code in (250, 252), (code, text)
                assert s.docmd('HELP')[0] == 214
            """);

    [Fact]
    public async Task Imaplib_does_everything_it_can()
    {
        string user = server.NewUser();
        await RunAsync($"""
            import imaplib, ssl, time
            c = ssl.create_default_context(cafile='{server.CertificateFile}')
            i = imaplib.IMAP4('localhost', {server.Imap}, timeout=20)
            i.starttls(c)
            i.login('{user}@example.test', '{InteropServer.PasswordOf(user)}')
            def ok(r):
                assert r[0] == 'OK', r
                return r[1]
            ok(i.create('Work')); ok(i.create('Work.2026')); ok(i.subscribe('Work'))
            assert any(b'"Work.2026"' in l or b' Work.2026' in l for l in ok(i.list()))
            assert any(b'Work' in l for l in ok(i.lsub()))
            now = imaplib.Time2Internaldate(1700000000)
            for n in range(1, 6):
                ok(i.append('Work', '(\\Seen)' if n == 1 else None, now, ('From: a@example.test\r\nSubject: m%d\r\n\r\nBody %d\r\n' % (n, n)).encode()))
            assert ok(i.select('Work')) == [b'5']
            assert ok(i.search(None, 'UNSEEN')) == [b'2 3 4 5']
            assert ok(i.search(None, 'SUBJECT', 'm3')) == [b'3']
            assert ok(i.uid('SEARCH', 'BODY', '"Body 4"')) == [b'4']
            d = ok(i.fetch('1', '(FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)'))
            assert b'\\Seen' in d[0] and b'14-Nov-2023' in d[0] or b'15-Nov-2023' in d[0], d
            assert ok(i.fetch('2', '(BODY[])'))[0][1].endswith(b'Body 2\r\n')
            ok(i.store('3', '+FLAGS', '(\\Deleted $Junk)'))
            ok(i.copy('1:2', 'Work.2026'))
            assert ok(i.expunge()) == [b'3']
            assert ok(i.status('Work', '(MESSAGES UNSEEN UIDNEXT)'))[0].count(b'MESSAGES 4') == 1
            ok(i.rename('Work', 'Play'))
            assert ok(i.select('Play.2026', True)) == [b'2']
            ok(i.close())
            ok(i.delete('Play.2026')); ok(i.delete('Play'))
            i.namespace(); i.noop()
            assert i.logout()[0] == 'BYE'
            """);
    }

    [Fact]
    public async Task Poplib_reads_and_deletes()
    {
        string user = server.NewUser();
        for (int n = 1; n <= 3; n++)
            await server.DeliverAsync(user, $"Subject: p{n}\r\n\r\n.one\r\ntwo\r\nthree\r\n");
        await RunAsync($"""
            import poplib, ssl
            c = ssl.create_default_context(cafile='{server.CertificateFile}')
            p = poplib.POP3('localhost', {server.Pop3}, timeout=20)
            assert 'STLS' in p.capa() and 'UIDL' in p.capa()
            p.stls(c)
            p.user('{user}@example.test'); p.pass_('{InteropServer.PasswordOf(user)}')
            n, size = p.stat()
            assert n == 3
            assert sum(int(l.split()[1]) for l in p.list()[1]) == size
            lines = p.retr(1)[1]
            assert lines[-3:] == [b'.one', b'two', b'three'], lines
            assert sum(len(l) + 2 for l in lines) == int(p.list(1).split()[2])
            assert p.top(2, 1)[1][-1] == b'.one'
            ids = p.uidl()[1]
            assert len(set(l.split()[1] for l in ids)) == 3
            p.dele(2); p.rset(); p.dele(1); p.noop()
            p.quit()
            p = poplib.POP3_SSL('localhost', {server.Pop3s}, timeout=20, context=c)
            p.user('{user}@example.test'); p.pass_('{InteropServer.PasswordOf(user)}')
            assert p.stat()[0] == 2
            assert [l.split()[1] for l in p.uidl()[1]] == [l.split()[1] for l in ids[1:]]
            p.quit()
            """);
        Assert.Equal(2, server.StoredMessages(user).Count);
    }

    private static string Braces(string inside) => "{" + inside + "}";

    private async Task RunAsync(string script)
    {
        ExternalProgram.Require("python3");
        ExternalProgram home = server.NewHome();
        (await home.RunAsync("python3", home.Write("script.py", script))).ShouldSucceed();
    }
}
