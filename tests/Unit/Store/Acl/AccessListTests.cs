using FullStack.Store.Accounts;
using FullStack.Store.Acl;

namespace FullStack.Unit.Store.Acl;

/// <summary>Who may do what, from the entries of a list.</summary>
public sealed class AccessListTests
{
    [Theory]
    [InlineData("lrs", "lrs", true)]
    [InlineData("srl", "lrs", true)]
    [InlineData("", "", true)]
    [InlineData("aeiklprstwx", "aeiklprstwx", true)]
    [InlineData("cd", "ektx", true)] // the letters of before
    [InlineData("lz", "l", false)]
    [InlineData("L", "", false)]
    [InlineData("l r", "lr", false)]
    public void Letters_are_read_and_written_in_order(string text, string written, bool known)
    {
        Assert.Equal(known, AclLetters.TryParse(text, out AclRights rights));
        Assert.Equal(written, AclLetters.Format(rights));
    }

    [Theory]
    [InlineData("owner", "owner")]
    [InlineData("anyone", "anyone")]
    [InlineData("anonymous", "anyone")]
    [InlineData("-anyone", "-anyone")]
    [InlineData("authenticated", "authenticated")]
    [InlineData("user=Bob", "user=bob")]
    [InlineData("-user=bob@example.test", "-user=bob@example.test")]
    [InlineData("group=staff", "group=staff")]
    [InlineData("administrators", "administrators")]
    [InlineData("group=administrators", "administrators")]
    [InlineData("bob", null)]
    [InlineData("user=", null)]
    [InlineData("--anyone", null)]
    [InlineData("", null)]
    [InlineData("user=a\nb", null)]
    public void Identifiers_have_one_spelling(string text, string? written)
    {
        Assert.Equal(written is not null, AclIdentifier.TryParse(text, out AclIdentifier? identifier));
        Assert.Equal(written, identifier?.ToString());
    }

    [Theory]
    [InlineData("anyone lr", "bob", "", "lr")]
    [InlineData("anyone lr", null, "", "lr")]
    [InlineData("authenticated lr", null, "", "")]
    [InlineData("authenticated lr", "bob", "", "lr")]
    [InlineData("anyone l, user=bob rs", "bob", "", "lrs")]
    [InlineData("user=bob@example.test rs", "bob", "", "rs")]
    [InlineData("user=bob rs", "bob@elsewhere.test", "", "")]
    [InlineData("user=bob@elsewhere.test rs", "bob@elsewhere.test", "", "rs")]
    [InlineData("group=staff lrs, -user=bob s", "bob", "staff", "lr")]
    [InlineData("group=staff lrs", "bob", "STAFF", "lrs")]
    [InlineData("group=staff lrs", "bob", "others", "")]
    [InlineData("-anyone r, anyone lr, user=bob r", "bob", "", "l")]
    [InlineData("owner lra", "alice", "", "alr")]
    [InlineData("anyone r", "alice", "", "alr")] // the owner keeps a and l
    [InlineData("owner lra, -owner lra", "alice", "", "al")]
    [InlineData("-anyone aeiklprstwx", "bob", "administrators", "aeiklprstwx")]
    public void Rights_are_the_union_less_what_is_taken(string list, string? user, string groups, string expected)
    {
        AccessList access = new([.. list.Split(", ").Select(static line => Entry(line))]);
        AclRights rights = access.RightsOf(Name("alice"), user is null ? null : Name(user), groups.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(expected, AclLetters.Format(rights));
    }

    internal static AclEntry Entry(string line)
    {
        string[] parts = line.Split(' ');
        Assert.True(AclIdentifier.TryParse(parts[0], out AclIdentifier? identifier));
        Assert.True(AclLetters.TryParse(parts[1], out AclRights rights));
        return new(identifier, rights);
    }

    private static AccountName Name(string user)
        => AccountName.TryParse(user.Contains('@', StringComparison.Ordinal) ? user : $"{user}@example.test", out AccountName? name) ? name : throw new ArgumentException(user);
}
