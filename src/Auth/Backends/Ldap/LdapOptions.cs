namespace FullStack.Auth.Backends.Ldap;

/// <summary>Where an LDAP directory is, and how accounts are found in it.</summary>
internal sealed record LdapOptions
{
    /// <summary>Servers with the same entries, asked in this order.</summary>
    public required IReadOnlyList<Uri> Servers { get; init; }

    /// <summary>Whether TLS is started on connections that begin without.</summary>
    public bool StartTls { get; init; }

    /// <summary>A folder with the certificates of authorities, in the form of OpenSSL; null: as libldap is set up.</summary>
    public string? CertificateFolder { get; init; }

    /// <summary>Whom this server is to the directory; empty: nobody.</summary>
    public string BindName { get; init; } = "";
    public string BindPassword { get; init; } = "";

    /// <summary>Where searches begin.</summary>
    public required string Base { get; init; }

    public required AddressTemplate UserFilter { get; init; }
    public AddressTemplate? AliasFilter { get; init; }
    public AddressTemplate? DomainFilter { get; init; }

    /// <summary>The attribute that has the targets of an alias.</summary>
    public string AliasAttribute { get; init; } = "";

    /// <summary>Attributes of an account, and the fields that they are.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; init; } = [];

    /// <summary>Whether passwords are checked by a bind; else an attribute has them.</summary>
    public bool Binds { get; init; } = true;

    /// <summary>An attribute that is another after each change of an entry; empty: none is.</summary>
    public string StampAttribute { get; init; } = "entryCSN";

    /// <summary>How long an answer may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Connections that are kept.</summary>
    public int Connections { get; init; } = 8;
}
