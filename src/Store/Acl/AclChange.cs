namespace FullStack.Store.Acl;

/// <summary>How one entry of an access list changes.</summary>
public enum AclOperation
{
    Replace,
    Add,
    Remove,
}

/// <summary>One change of an entry (RFC 4314 §3.1).</summary>
/// <param name="Operation">What happens to the rights there are.</param>
/// <param name="Rights">The rights it is about.</param>
public readonly record struct AclChange(AclOperation Operation, AclRights Rights)
{
    /// <summary>What an entry has after the change.</summary>
    public AclRights Apply(AclRights present) => Operation switch
    {
        AclOperation.Replace => Rights,
        AclOperation.Add => present | Rights,
        AclOperation.Remove => present & ~Rights,
        _ => throw new InvalidOperationException($"no operation {Operation}"),
    };
}
