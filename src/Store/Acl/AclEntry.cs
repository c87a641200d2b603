namespace FullStack.Store.Acl;

/// <summary>One entry of an access list: rights that a subject has, or has not.</summary>
public sealed record AclEntry(AclIdentifier Identifier, AclRights Rights);
