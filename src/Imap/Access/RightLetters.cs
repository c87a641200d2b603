using FullStack.Store.Acl;

namespace FullStack.Imap.Access;

/// <summary>Rights as IMAP spells them: the letters of RFC 4314, and those of its predecessor that stand for some of them.</summary>
internal static class RightLetters
{
    /// <summary>What <c>d</c> stands for; <c>c</c> stands for <c>k</c> (RFC 4314 §2.1.1: the second group of servers).</summary>
    private const AclRights Delete = AclRights.DeleteMessages | AclRights.Expunge | AclRights.DeleteMailbox;

    private static readonly (char Letter, AclRights Any)[] InOrder =
    [
        ('l', AclRights.Lookup), ('r', AclRights.Read), ('s', AclRights.Seen), ('w', AclRights.Write), ('i', AclRights.Insert), ('p', AclRights.Post),
        ('k', AclRights.Create), ('x', AclRights.DeleteMailbox), ('t', AclRights.DeleteMessages), ('e', AclRights.Expunge), ('a', AclRights.Administer),
        ('c', AclRights.Create), ('d', Delete),
    ];

    /// <summary>All letters of rights: "When any of the 'delete' member rights is set … the server MUST also include the 'd' right".</summary>
    public static string Of(AclRights rights) => new([.. InOrder.Where(entry => (rights & entry.Any) != 0).Select(static entry => entry.Letter)]);

    /// <summary>mod-rights: an optional + or -, then letters, small ones only.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out AclChange change)
    {
        AclOperation operation = text is ['+', ..] ? AclOperation.Add : text is ['-', ..] ? AclOperation.Remove : AclOperation.Replace;
        bool known = AclLetters.TryParse(operation == AclOperation.Replace ? text : text[1..], out AclRights rights);
        change = new(operation, rights);
        return known;
    }
}
