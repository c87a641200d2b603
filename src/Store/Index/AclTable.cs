using FullStack.Store.Acl;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Index;

/// <summary>
/// The statements on access lists. They are kept by name, for a name that has only mailboxes below it may have one too; a
/// mailbox without a list of its own has that of the nearest name above.
/// </summary>
internal static class AclTable
{
    /// <summary>The entries kept for a name.</summary>
    public static List<AclEntry> Load(IndexConnection index, MailboxName name)
        => [.. index.Query(
            "SELECT identifier, rights FROM acls WHERE name = $1 ORDER BY identifier",
            static r => AclIdentifier.TryParse(r.GetString(0), out AclIdentifier? identifier) && AclLetters.TryParse(r.GetString(1), out AclRights rights)
                ? new AclEntry(identifier, rights) : null,
            name.Text).OfType<AclEntry>()];

    /// <summary>The entries of all names.</summary>
    public static List<(MailboxName Name, AclEntry Entry)> LoadAll(IndexConnection index)
        => [.. LoadNames(index).SelectMany(name => Load(index, name).Select(entry => (name, entry)))];

    /// <summary>Puts a list in place of what there is.</summary>
    public static void Replace(IndexConnection index, MailboxName name, IEnumerable<AclEntry> entries)
    {
        Delete(index, name);
        foreach (AclEntry entry in entries)
        {
            index.Execute(
                "INSERT OR REPLACE INTO acls (name, identifier, rights) VALUES ($1, $2, $3)",
                name.Text, entry.Identifier.ToString(), AclLetters.Format(entry.Rights));
        }
    }

    public static void Delete(IndexConnection index, MailboxName name) => index.Execute("DELETE FROM acls WHERE name = $1", name.Text);

    /// <summary>A list goes with its mailbox; one that a name without mailbox had is replaced.</summary>
    public static void Rename(IndexConnection index, MailboxName from, MailboxName to)
    {
        Delete(index, to);
        index.Execute("UPDATE acls SET name = $2 WHERE name = $1", from.Text, to.Text);
    }

    /// <summary>All names that have a list.</summary>
    public static List<MailboxName> LoadNames(IndexConnection index)
        => [.. index.Query(
            "SELECT DISTINCT name FROM acls ORDER BY name",
            static r => MailboxName.TryParse(r.GetString(0), out MailboxName? name) ? name : null).OfType<MailboxName>()];
}
