using System.Globalization;
using System.Net;
using FullStack.Auth.Sasl;

namespace FullStack.Auth.Backends;

/// <summary>What a line, a row or an entry says of an account, field by field under Dovecot's and Courier's names.</summary>
/// <remarks>
/// Known are <c>password</c>, <c>home</c>, <c>mail</c> or <c>mail_location</c> or <c>maildir</c>, <c>uid</c>, <c>gid</c>, <c>quota_rule</c>, <c>quota_bytes</c>, <c>quota_messages</c>, <c>quota</c>,
/// <c>moved_to</c>, <c>send_as</c>, and what keeps logins out: <c>nologin</c>, <c>deny</c>, <c>allow_nets</c>, and Courier's <c>disableimap</c>,
/// <c>disablepop3</c> and <c>disablemsa</c>, also in its <c>options</c>; with <c>userdb_</c> before them too. Other names are passed over.
/// </remarks>
internal sealed class AccountFields
{
    private readonly DirectoryAddress _address;
    private readonly FieldDefaults _defaults;

    private const string UserPrefix = "userdb_";

    private string? _password, _home, _mail, _movedTo;
    private uint? _userId, _groupId;
    private long? _octets, _messages;
    private IReadOnlyList<IPNetwork>? _networks;
    private LoginService _services = LoginService.All;
    private readonly List<string> _sendAs = [];

    private AccountFields(DirectoryAddress address, FieldDefaults defaults) => (_address, _defaults) = (address, defaults);

    /// <summary>Reads the fields of an account.</summary>
    /// <param name="directory">Whose they are, for what is said where they cannot be used.</param>
    /// <param name="address">Whose account it is.</param>
    /// <param name="defaults">What counts where they say nothing.</param>
    /// <param name="fields">Names and values. An empty value says nothing.</param>
    /// <exception cref="DirectoryUnavailableException">A value is no such thing as its name calls for.</exception>
    public static AccountRecord Read(string directory, DirectoryAddress address, FieldDefaults defaults, IEnumerable<KeyValuePair<string, string>> fields)
    {
        AccountFields all = new(address, defaults);
        try
        {
            foreach ((string name, string value) in fields)
                all.Add(name, value);
            return new(all.ToUser(), all.Password);
        }
        catch (FormatException e)
        {
            throw new DirectoryUnavailableException($"the directory {directory} has {address} in a form that cannot be used: {e.Message}", e);
        }
    }

    private void Add(string name, string value)
    {
        if (name.StartsWith(UserPrefix, StringComparison.OrdinalIgnoreCase))
            name = name[UserPrefix.Length..];
        if (value.Length == 0 && !name.Equals("nologin", StringComparison.OrdinalIgnoreCase))
            return;
        switch (name.ToLowerInvariant())
        {
            case "password":
                _password = value;
                break;
            case "home":
                _home = value;
                break;
            case "mail" or "mail_location" or "maildir":
                _mail = value;
                break;
            case "uid":
                _userId = Number<uint>(name, value);
                break;
            case "gid":
                _groupId = Number<uint>(name, value);
                break;
            case "quota_rule":
                AddRule(value);
                break;
            case "quota_bytes" or "quota_octets":
                _octets = Limit(Number<long>(name, value));
                break;
            case "quota_messages":
                _messages = Limit(Number<long>(name, value));
                break;
            case "quota":
                AddMaildirQuota(value);
                break;
            case "moved_to":
                _movedTo = value;
                break;
            case "send_as":
                _sendAs.AddRange(value.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
                break;
            case "nologin" or "deny":
                _services = LoginService.None;
                break;
            case "allow_nets":
                _networks = LoginRules.ReadNetworks(value);
                break;
            case "disableimap":
                Disable(LoginService.Imap, value);
                break;
            case "disablepop3":
                Disable(LoginService.Pop3, value);
                break;
            case "disablemsa":
                Disable(LoginService.Smtp, value);
                break;
            case "options":
                AddOptions(value);
                break;
            default:
                break;
        }
    }

    private string? Password
        => _password is null ? null
            : _password.StartsWith('{') || _password.StartsWith('$') ? _password
            : $"{{{_defaults.Scheme}}}{_password}";

    private DirectoryUser ToUser()
    {
        return new(_address.ToString(), new(_octets, _messages))
        {
            MovedTo = _movedTo,
            Home = AbsolutePath(_home ?? _defaults.Home?.Expand(_address)),
            Mail = _mail ?? _defaults.Mail?.Expand(_address),
            UserId = _userId ?? _defaults.UserId,
            GroupId = _groupId ?? _defaults.GroupId,
            SendAs = _sendAs,
            Login = _networks is null && _services == LoginService.All ? LoginRules.None : new(_networks, _services),
        };
    }

    /// <summary>Courier's account options: <c>disableimap=1,disablepop3=0</c>.</summary>
    private void AddOptions(string options)
    {
        foreach (string option in options.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = option.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && option.StartsWith("disable", StringComparison.OrdinalIgnoreCase))
                Add(option[..equals], option[(equals + 1)..]);
        }
    }

    private void Disable(LoginService service, string value)
    {
        if (value is not ("0" or "n" or "no" or "false"))
            _services &= ~service;
    }

    private static string? AbsolutePath(string? path)
    {
        if (path is null)
            return null;
        if (!path.StartsWith('/') || path.Contains('\0', StringComparison.Ordinal) || path.Split('/').Contains(".."))
            throw new FormatException($"{path} is no absolute path without \"..\"");
        return path.Length > 1 ? path.TrimEnd('/') : path;
    }

    /// <summary>Dovecot's <c>*:storage=100M:messages=1000</c> or <c>*:bytes=…</c>. Rules for single mailboxes are passed over.</summary>
    private void AddRule(string rule)
    {
        string[] parts = rule.Split(':');
        if (parts[0] is not ("*" or "?"))
            return;
        foreach (string part in parts.AsSpan(1))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            (string what, string amount) = equals < 0 ? (part, "") : (part[..equals], part[(equals + 1)..]);
            switch (what)
            {
                case "storage":
                    _octets = Limit(Size(amount, plain: 1024));
                    break;
                case "bytes":
                    _octets = Limit(Size(amount, plain: 1));
                    break;
                case "messages":
                    _messages = Limit(Number<long>("messages", amount));
                    break;
                case "ignore":
                    (_octets, _messages) = (DirectoryQuota.Unlimited, DirectoryQuota.Unlimited);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Maildir++'s <c>10000000S,1000C</c>; a number alone is octets.</summary>
    private void AddMaildirQuota(string quota)
    {
        foreach (string part in quota.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            switch (part[^1])
            {
                case 'S':
                    _octets = Limit(Number<long>("quota", part[..^1]));
                    break;
                case 'C':
                    _messages = Limit(Number<long>("quota", part[..^1]));
                    break;
                default:
                    _octets = Limit(Size(part, plain: 1));
                    break;
            }
        }
    }

    /// <summary>In these forms 0 is no limit.</summary>
    private static long Limit(long number) => number == 0 ? DirectoryQuota.Unlimited : number;

    private static long Size(string text, long plain)
    {
        long unit = text.Length == 0 ? plain : char.ToUpperInvariant(text[^1]) switch { 'B' => 1, 'K' => 1L << 10, 'M' => 1L << 20, 'G' => 1L << 30, 'T' => 1L << 40, _ => 0 };
        long number = Number<long>("quota", unit == 0 || text.Length == 0 ? text : text[..^1]);
        try
        {
            return checked(number * (unit == 0 ? plain : unit));
        }
        catch (OverflowException)
        {
            return DirectoryQuota.Unlimited;
        }
    }

    private static T Number<T>(string name, string text)
        where T : System.Numerics.INumber<T>
        => T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out T? value) ? value : throw new FormatException($"{name} is no number: {text}");
}

/// <summary>An account as its fields have it.</summary>
/// <param name="User">The account.</param>
/// <param name="Password">The stored form of its password, as <see cref="Passwords.PasswordHash"/> takes it; null where there is none.</param>
internal sealed record AccountRecord(DirectoryUser User, string? Password);

/// <summary>What counts where a directory does not say it of an account.</summary>
internal sealed record FieldDefaults
{
    public AddressTemplate? Home { get; init; }
    public AddressTemplate? Mail { get; init; }

    public uint? UserId { get; init; }
    public uint? GroupId { get; init; }

    /// <summary>The scheme of passwords that name none.</summary>
    public string Scheme { get; init; } = "CRYPT";
}
