using FsCheck;
using FsCheck.Fluent;
using FullStack.Imap;
using FullStack.Imap.Access;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Imap.Access;

/// <summary>Which names lead to whose mailboxes.</summary>
public sealed class MailboxNamespacesTests
{
    [Theory]
    [InlineData("#user.bob", "bob@example.test", "INBOX")]
    [InlineData("#user.bob.Sent", "bob@example.test", "Sent")]
    [InlineData("#user.bob.INBOX", "bob@example.test", "INBOX")]
    [InlineData("#user.bob.inbox.Sent", "bob@example.test", "Sent")]
    [InlineData("#user.john^smith.a.b", "john.smith@example.test", "a.b")]
    [InlineData("#user.bob@elsewhere^test", "bob@elsewhere.test", "INBOX")]
    [InlineData("#shared", "public@example.test", "INBOX")]
    [InlineData("#shared.News.Deep", "public@example.test", "News.Deep")]
    [InlineData("#user", null, null)]
    [InlineData("#user.alice", null, null)] // one's own
    [InlineData("#user.public.News", null, null)] // the shared account has another name
    [InlineData("#user.Bob", null, null)] // one spelling only
    [InlineData("#user.bob@example^test", null, null)]
    [InlineData("#user.^^", null, null)]
    [InlineData("#user.^bob", null, null)]
    [InlineData("#user.bob@", null, null)]
    [InlineData("#user.@example^test", null, null)]
    [InlineData("#user.bob/x", null, null)]
    [InlineData("#users.bob", null, null)]
    [InlineData("user.bob", null, null)]
    public void A_name_leads_to_one_mailbox_or_to_none(string text, string? owner, string? inner)
    {
        MailboxNamespaces namespaces = Of(SharingScope.Server);
        if (!MailboxName.TryParse(text, out MailboxName? name))
        {
            Assert.Null(owner);
            return;
        }

        Assert.Equal(owner is not null, namespaces.TryResolve(name, out AccountName? found, out MailboxName? box));
        Assert.Equal(owner, found?.ToString());
        Assert.Equal(inner, box?.Text);
    }

    [Fact]
    public void Users_of_other_domains_are_out_of_reach_where_the_scope_is_a_domain()
    {
        MailboxNamespaces namespaces = Of(SharingScope.Domain);
        Assert.False(namespaces.TryResolve(Box("#user.bob@elsewhere^test"), out _, out _));
        Assert.True(namespaces.TryResolve(Box("#user.bob"), out _, out _));
        Assert.Null(namespaces.NameOf(Account("bob@elsewhere.test"), MailboxName.Inbox));
        Assert.True(namespaces.IsForeign(Box("#user.bob@elsewhere^test"))); // It is not one of the user's own either.
    }

    [Fact]
    public void Nothing_is_foreign_where_nothing_is_shared()
    {
        MailboxNamespaces namespaces = Of(SharingScope.Off);
        Assert.False(namespaces.IsForeign(Box("#user.bob")));
        Assert.False(namespaces.IsForeign(Box("#shared")));
        Assert.False(namespaces.TryResolve(Box("#user.bob"), out _, out _));
    }

    [Fact]
    public void What_a_mailbox_is_called_leads_to_it()
    {
        MailboxNamespaces namespaces = Of(SharingScope.Server);
        Prop.ForAll<NonNull<string>, NonNull<string>, bool>((user, box, here) =>
        {
            if (!AccountName.TryCreate(user.Get, here ? "example.test" : "elsewhere.test", out AccountName? owner) || !MailboxName.TryParse(box.Get, out MailboxName? inner)
                || namespaces.NameOf(owner, inner) is not { } name)
                return true;
            return namespaces.IsForeign(name) && namespaces.TryResolve(name, out AccountName? found, out MailboxName? foundInner) && found == owner && foundInner == inner;
        }).QuickCheckThrowOnFailure();
    }

    private static MailboxNamespaces Of(SharingScope scope) => new(new() { Scope = scope, SharedUser = "public" }, Account("alice@example.test"));

    private static AccountName Account(string address) => AccountName.TryParse(address, out AccountName? name) ? name : throw new ArgumentException(address);

    private static MailboxName Box(string text) => MailboxName.TryParse(text, out MailboxName? name) ? name : throw new ArgumentException(text);
}
