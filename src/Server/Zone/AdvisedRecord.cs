namespace FullStack.Server.Zone;

/// <summary>Types of the records that a mail domain wants.</summary>
public enum AdvisedType
{
    A,
    Aaaa,
    Cname,
    Mx,
    Srv,
    Tlsa,
    Txt,
}

/// <summary>A record that a mail domain wants in DNS.</summary>
/// <param name="Name">Its name, without the dot at the end.</param>
/// <param name="Type">Its type.</param>
/// <param name="Data">What it says, as in a zone file; of text without the quotes.</param>
/// <param name="Why">One line on what it is good for.</param>
internal sealed record AdvisedRecord(string Name, AdvisedType Type, string Data, string Why)
{
    /// <summary>The type as zone files have it.</summary>
    public string TypeName => Type.ToString().ToUpperInvariant();

    /// <summary>A line of a zone file (RFC 1035 §5.1).</summary>
    public string ZoneLine => $"{Name}. IN {TypeName} {(Type == AdvisedType.Txt ? $"\"{Data}\"" : Data)}";
}
