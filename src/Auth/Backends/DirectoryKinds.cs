using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using FullStack.Auth.Backends.Files;
using FullStack.Auth.Backends.Ldap;
using FullStack.Auth.Backends.Programs;
using FullStack.Auth.Backends.Sql;
using FullStack.Auth.Backends.Unix;
using Npgsql;

namespace FullStack.Auth.Backends;

/// <summary>The kinds of directories there are, with the keys that each has in a configuration.</summary>
public static class DirectoryKinds
{
    private const string Yes = "true";

    /// <summary>Keys that every kind has: what counts where a directory does not say it itself.</summary>
    private static readonly string[] s_common = ["home", "mail", "uid", "gid", "scheme"];

    private static readonly string[] s_queries = ["user_query", "alias_query", "domain_query"];

    private static readonly string[] s_ldap =
    [
        "bind_dn", "password_file", "start_tls", "certificate_folder", "attributes", "binds", "stamp_attribute", "alias_filter", "alias_attribute", "domain_filter",
    ];

    private static readonly Kind[] s_kinds =
    [
        new("passwd", ["file"], [], static d => new FileBackend(d.Name, new AccountFile(d.Get("file"), PasswdLine.Parse), d.Defaults, d.HasDomains)),
        new("userdb", ["file"], [], static d => new FileBackend(d.Name, new AccountFile(d.Get("file"), UserdbLine.Parse), d.Defaults, d.HasDomains)),
        new("sqlite", ["file", "password_query"], s_queries, static d => new SqlBackend(d.Name, new DatabaseSource(new SqliteSource(d.Get("file")), blocks: true), QueriesOf(d), d.Defaults)),
        new("postgresql", ["connection", "password_query"], ["password_file", .. s_queries], static d => new SqlBackend(d.Name, PostgresOf(d), QueriesOf(d), d.Defaults)),
        new("checkpassword", ["program"], ["lookups"], static d => new CheckpasswordBackend(
            d.Name, d.Get("program").Split(' ', StringSplitOptions.RemoveEmptyEntries), d.IsOn("lookups", true), d.Defaults)),
        new("system", [], ["service", "service_folder", "first_uid"], static d => new SystemBackend(
            d.Name, new PamService(d.Find("service") ?? "fullstack", d.Find("service_folder")), d.Number("first_uid") ?? 500, d.Defaults)),
        new("ldap", ["servers", "base", "user_filter"], s_ldap, static d => new LdapBackend(d.Name, LdapOf(d), d.Defaults)),
    ];

    /// <summary>The names of all kinds.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_kinds.Select(static kind => kind.Name)];

    /// <summary>Every key that any kind has.</summary>
    public static IReadOnlyList<string> AllKeys { get; } = [.. s_kinds.SelectMany(static kind => kind.Required.Concat(kind.Optional)).Concat(s_common).Distinct()];

    /// <summary>The keys whose values are paths.</summary>
    public static IReadOnlyList<string> PathKeys { get; } = ["file", "password_file", "service_folder", "certificate_folder"];

    /// <summary>The keys of one kind.</summary>
    public static IReadOnlyList<string> KeysOf(string kind) => Find(kind) is { } found ? [.. found.Required, .. found.Optional, .. s_common] : [];

    /// <summary>Makes what asks a directory. Nothing is asked yet.</summary>
    /// <param name="description">The directory, its paths absolute.</param>
    /// <param name="entry">What was made.</param>
    /// <param name="trouble">What keeps it from being made.</param>
    public static bool TryCreate(DirectoryDescription description, [NotNullWhen(true)] out BackendEntry? entry, [NotNullWhen(false)] out string? trouble)
    {
        (entry, trouble) = (null, null);
        if (Find(description.Kind) is not { } kind)
        {
            trouble = $"there is no kind {description.Kind}";
            return false;
        }

        IReadOnlyList<string> keys = KeysOf(kind.Name);
        if (description.Values.Keys.FirstOrDefault(key => !keys.Contains(key)) is { } other)
            trouble = $"{kind.Name} has no key {other}; it has {string.Join(", ", keys)}";
        else if (kind.Required.FirstOrDefault(key => !description.Values.ContainsKey(key)) is { } missing)
            trouble = $"{kind.Name} needs {missing}";
        else
            trouble = Make(kind, description, out entry);
        return trouble is null;
    }

    private static string? Make(Kind kind, DirectoryDescription description, out BackendEntry? entry)
    {
        entry = null;
        try
        {
            entry = new(kind.Create(new Reading(description)), description.Options);
            return null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private static Kind? Find(string name) => Array.Find(s_kinds, kind => kind.Name == name);

    private static SqlQueries QueriesOf(Reading d)
    {
        return new(QueryTemplate.Parse(d.Get("password_query")), Of("user_query"), Of("alias_query"), Of("domain_query"));

        QueryTemplate? Of(string key) => d.Find(key) is { } text ? QueryTemplate.Parse(text) : null;
    }

    private static DatabaseSource PostgresOf(Reading d)
    {
        NpgsqlConnectionStringBuilder connection = new(d.Get("connection"))
        {
            MaxPoolSize = d.Description.Options.Concurrency,
            Timeout = Seconds(d.Description.Options.Timeout),
            CommandTimeout = Seconds(d.Description.Options.Timeout),
        };
        if (d.Find("password_file") is { } file)
            connection.Password = FirstLine(file);
        return new(NpgsqlDataSource.Create(connection), blocks: false);
    }

    private static LdapOptions LdapOf(Reading d)
    {
        Uri[] servers = [.. d.Get("servers").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ServerOf)];
        if (servers.Length == 0)
            throw new FormatException("servers is empty");
        return new()
        {
            Servers = servers,
            Base = d.Get("base"),
            BindName = d.Find("bind_dn") ?? "",
            BindPassword = d.Find("password_file") is { } file ? FirstLine(file) : "",
            StartTls = d.IsOn("start_tls", false),
            CertificateFolder = d.Find("certificate_folder"),
            UserFilter = AddressTemplate.Parse(d.Get("user_filter")),
            AliasFilter = d.Template("alias_filter"),
            AliasAttribute = d.Find("alias_attribute") ?? "",
            DomainFilter = d.Template("domain_filter"),
            Attributes = [.. (d.Find("attributes") ?? "userPassword=password").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Select(AttributeOf)],
            Binds = d.IsOn("binds", true),
            StampAttribute = d.Find("stamp_attribute") ?? "entryCSN",
            Timeout = d.Description.Options.Timeout,
            Connections = d.Description.Options.Concurrency,
        };
    }

    private static Uri ServerOf(string text)
        => Uri.TryCreate(text, UriKind.Absolute, out Uri? server) && server.Scheme is "ldap" or "ldaps" && server.Host.Length > 0
            ? server
            : throw new FormatException($"{text} is no server such as ldap://ldap.example.test or ldaps://ldap.example.test:636");

    private static KeyValuePair<string, string> AttributeOf(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 ? new(text[..equals], text[(equals + 1)..]) : throw new FormatException($"{text} is no attribute=field");
    }

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)Math.Ceiling(time.TotalSeconds));

    private static string FirstLine(string file)
        => File.ReadLines(file, Encoding.UTF8).FirstOrDefault() is { Length: > 0 } line ? line : throw new FormatException($"{file} has no password in its first line");

    /// <param name="Name">As the configuration names it.</param>
    /// <param name="Required">Keys that it must have.</param>
    /// <param name="Optional">Keys that it may have.</param>
    /// <param name="Create">Makes one.</param>
    private sealed record Kind(string Name, IReadOnlyList<string> Required, IReadOnlyList<string> Optional, Func<Reading, IAccountBackend> Create);

    /// <summary>The values of a description, read as what they stand for.</summary>
    private sealed class Reading(DirectoryDescription description)
    {
        public DirectoryDescription Description => description;

        public string Name => description.Name;

        public bool HasDomains => description.Options.Domains.Count > 0;

        public FieldDefaults Defaults => new()
        {
            Home = Template("home"),
            Mail = Template("mail"),
            UserId = Number("uid"),
            GroupId = Number("gid"),
            Scheme = (Find("scheme") ?? "CRYPT").ToUpperInvariant(),
        };

        public string Get(string key) => description.Values[key];

        public string? Find(string key) => description.Values.GetValueOrDefault(key) is { Length: > 0 } value ? value : null;

        public AddressTemplate? Template(string key) => Find(key) is { } text ? AddressTemplate.Parse(text) : null;

        public bool IsOn(string key, bool missing) => Find(key) is not { } text
            ? missing
            : text == Yes || (text == "false" ? false : throw new FormatException($"{key} is neither true nor false"));

        public uint? Number(string key) => Find(key) is not { } text
            ? null
            : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint value) ? value : throw new FormatException($"{key} is no number");
    }
}
