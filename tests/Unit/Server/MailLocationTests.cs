using FullStack.Auth.Backends;
using FullStack.Server.Hosting;
using FullStack.Store.Places;

namespace FullStack.Unit.Server;

/// <summary>What Dovecot and Courier call <c>mail</c>, as a place.</summary>
public sealed class MailLocationTests
{
    [Theory]
    [InlineData("/home/bob", null, "/home/bob", "Maildir")]
    [InlineData("/home/bob", "maildir:~/Maildir", "/home/bob", "Maildir")]
    [InlineData("/home/bob", "maildir:~/mail/in:INDEX=/var/indexes", "/home/bob", "mail/in")]
    [InlineData("/home/bob", "maildir:%h/Maildir:LAYOUT=maildir++", "/home/bob", "Maildir")]
    [InlineData("/home/bob", "Maildir/", "/home/bob", "Maildir")]
    [InlineData("/home/bob", "/home/bob/x/y", "/home/bob", "x/y")]
    [InlineData("/home/bob", "/srv/vmail/bob/", "/srv/vmail", "bob")]
    [InlineData(null, "maildir:/srv/vmail/example.test/bob", "/srv/vmail/example.test", "bob")]
    [InlineData("/home/bob", "bob@example.test", "/home/bob", "Maildir")]
    [InlineData(null, "bob@example.test", null, "")]
    [InlineData(null, null, null, "")]
    public void A_field_names_a_place(string? home, string? mail, string? wantedHome, string maildir)
        => Assert.Equal(new WantedPlace(true, wantedHome, maildir), Of(home, mail));

    [Theory]
    [InlineData("/home/bob", "mbox:~/mail")]
    [InlineData("/home/bob", "mdbox:~/mdbox")]
    [InlineData("/home/bob", "maildir:~/Maildir:LAYOUT=fs")]
    [InlineData("/home/bob", "maildir:~/Maildir:CONTROL=/var/control")]
    [InlineData(null, "Maildir")]
    public void What_is_not_served_here_is_said(string? home, string mail) => Assert.Throws<FormatException>(() => Of(home, mail));

    private static WantedPlace Of(string? home, string? mail) => MailLocation.Of(new("bob@example.test") { Home = home, Mail = mail }, "Maildir");
}
