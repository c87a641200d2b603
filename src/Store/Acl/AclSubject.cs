namespace FullStack.Store.Acl;

/// <summary>Whom an entry of an access list is about.</summary>
public enum AclSubject
{
    /// <summary>Everybody, also who has not logged in.</summary>
    Anyone,

    /// <summary>Everybody who has logged in.</summary>
    Authenticated,

    /// <summary>The members of a group.</summary>
    Group,

    /// <summary>Whose mailbox it is.</summary>
    Owner,

    /// <summary>One user.</summary>
    User,
}
