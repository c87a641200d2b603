namespace FullStack.Store.Acl;

/// <summary>Rights on a mailbox (RFC 4314 §2.1). The order of the values is the order in which letters are written.</summary>
[Flags]
public enum AclRights
{
    None = 0,

    /// <summary><c>a</c>: see and change the access list.</summary>
    Administer = 1 << 0,

    /// <summary><c>e</c>: expunge.</summary>
    Expunge = 1 << 1,

    /// <summary><c>i</c>: append messages and copy them in.</summary>
    Insert = 1 << 2,

    /// <summary><c>k</c>: create mailboxes below it.</summary>
    Create = 1 << 3,

    /// <summary><c>l</c>: the mailbox is visible.</summary>
    Lookup = 1 << 4,

    /// <summary><c>p</c>: send mail to the mailbox's own address.</summary>
    Post = 1 << 5,

    /// <summary><c>r</c>: read.</summary>
    Read = 1 << 6,

    /// <summary><c>s</c>: change \Seen.</summary>
    Seen = 1 << 7,

    /// <summary><c>t</c>: change \Deleted.</summary>
    DeleteMessages = 1 << 8,

    /// <summary><c>w</c>: change flags other than \Seen and \Deleted.</summary>
    Write = 1 << 9,

    /// <summary><c>x</c>: delete or rename the mailbox.</summary>
    DeleteMailbox = 1 << 10,

    All = (1 << 11) - 1,
}
