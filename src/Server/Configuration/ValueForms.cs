using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FullStack.Auth;
using FullStack.Dns.Servers;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;
using FullStack.Store.Mbox;
using FullStack.Store.Places;

namespace FullStack.Server.Configuration;

/// <summary>The forms that values of settings have.</summary>
internal static class ValueForms
{
    /// <summary>The word for a limit that is none.</summary>
    public const string Unlimited = "unlimited";

    /// <summary>A DNS name, or a name of one label; lower case.</summary>
    public static ValueForm<string> HostName { get; } = new("a host name such as mail.example.test", TryParseHostName, YamlText.Scalar);

    /// <summary>A mail domain.</summary>
    public static ValueForm<string> Domain { get; } = new("a domain such as example.test", TryParseHostName, YamlText.Scalar);

    public static ValueForm<string> IpAddress { get; } = new(
        "an IP address such as 192.0.2.1",
        static (string text, out string value) =>
        {
            bool valid = IPAddress.TryParse(text, out IPAddress? address) && (text.Contains(':', StringComparison.Ordinal) || address.ToString() == text);
            value = address?.ToString() ?? text;
            return valid;
        },
        YamlText.Scalar);

    public static ValueForm<string> DnsServer { get; } = new(
        "the address of a DNS server such as 127.0.0.1 or \"[::1]:5353\"",
        static (string text, out string value) =>
        {
            bool valid = ServerAddress.TryParse(text, out IPEndPoint? server);
            value = server?.ToString() ?? text;
            return valid;
        },
        YamlText.Scalar);

    public static ValueForm<string> FilePath { get; } = AsWritten("a path", static text => text.Length > 0 && !text.Any(char.IsControl));

    /// <summary>A directory below which homes may be.</summary>
    public static ValueForm<string> HomeRoot { get; } = new(
        "the path of a directory that may hold homes, such as /srv/vmail",
        static (string text, out string value) =>
        {
            value = text.Length > 1 ? text.TrimEnd('/') : text;
            return HomeRoots.ProblemOf(value) is null;
        },
        YamlText.Scalar);

    public static ValueForm<string> PathInHome { get; } = new(
        "a path within a home, such as Maildir",
        static (string text, out string value) =>
        {
            value = text.TrimEnd('/');
            return HomeRoots.ProblemOfMaildir(value) is null;
        },
        YamlText.Scalar);

    /// <summary>Text without control characters, in one line.</summary>
    /// <param name="most">Its length at most, in characters.</param>
    public static ValueForm<string> Text(int most) => AsWritten(
        string.Create(CultureInfo.InvariantCulture, $"a line of text of at most {most} characters"),
        text => text.Length <= most && !text.Any(char.IsControl));

    public static ValueForm<string> Uri { get; } = AsWritten(
        "a URI such as mailto:postmaster@example.test, or \"\"",
        static text => text.Length == 0 || System.Uri.TryCreate(text, UriKind.Absolute, out _) && !text.Any(char.IsControl));

    /// <summary>Where something is reached by HTTP.</summary>
    public static ValueForm<string> HttpAddress { get; } = AsWritten(
        "an address such as http://127.0.0.1:4318/v1/metrics, or \"\"",
        static text => text.Length == 0 || System.Uri.TryCreate(text, UriKind.Absolute, out System.Uri? address)
            && (address.Scheme == System.Uri.UriSchemeHttp || address.Scheme == System.Uri.UriSchemeHttps));

    public static ValueForm<string> SingleCharacter { get; } = AsWritten(
        "one character that may stand in an address, or \"\" for none",
        static text => text.Length == 0 || (text.Length == 1 && char.IsAscii(text[0]) && !char.IsLetterOrDigit(text[0]) && "!#$%&'*+-/=?^_`{|}~".Contains(text[0])));

    /// <summary>A mailbox of a user's own.</summary>
    public static ValueForm<string> Mailbox { get; } = new(
        "the name of a mailbox, such as INBOX",
        static (string text, out string value) =>
        {
            bool valid = MailboxName.TryParse(text, out MailboxName? name);
            value = name?.Text ?? text;
            return valid;
        },
        YamlText.Scalar);

    /// <summary>A number of days, or the word for no end.</summary>
    public static ValueForm<int> DaysOrNever { get; } = new(
        "a number of days, or never",
        static (string text, out int value) =>
        {
            bool never = text == "never";
            bool ok = Quantity.TryParseNumber(text, out long days) && days < int.MaxValue;
            value = never ? int.MaxValue : ok ? (int)days : 0;
            return never || ok;
        },
        static value => value == int.MaxValue ? "never" : value.ToString(CultureInfo.InvariantCulture));

    /// <summary>What names of mailboxes begin with, without the dot behind it.</summary>
    public static ValueForm<string> MailboxPrefix { get; } = AsWritten(
        "the beginning of mailbox names without a dot behind it, such as #user",
        static text => MailboxName.TryParse(text, out MailboxName? name) && name.Text == text && !name.IsInbox);

    /// <summary>The part of an address before the @, or nothing.</summary>
    public static ValueForm<string> LocalPart { get; } = new(
        "a user's name without domain, or \"\"",
        static (string text, out string value) =>
        {
            value = text.ToLowerInvariant();
            return text.Length == 0 || (AccountName.TryCreate(text, "example.test", out AccountName? name) && name.User == value);
        },
        YamlText.Scalar);

    public static ValueForm<string> Address { get; } = new(
        "an address such as postmaster@example.test",
        static (string text, out string value) =>
        {
            bool valid = AccountName.TryParse(text, out AccountName? name);
            value = name?.ToString() ?? text;
            return valid;
        },
        YamlText.Scalar);

    /// <summary>The name of a SASL mechanism that is known here.</summary>
    public static ValueForm<string> Mechanism { get; } = new(
        string.Join(", ", Authenticator.KnownMechanisms),
        static (string text, out string value) =>
        {
            value = text.ToUpperInvariant();
            return Authenticator.KnownMechanisms.Contains(value);
        },
        YamlText.Scalar);

    public static ValueForm<string> MboxInbox { get; } = AsWritten(
        "an absolute path with %u in it, such as /var/mail/%u, or \"\"",
        static text => text.Length == 0 || (text.StartsWith('/') && InboxTemplate.Has(text, 'u') && !text.Contains('\0')));

    public static ValueForm<string> UidlFormat { get; } = new(
        "own, dovecot, courier, or a pop3_uidl_format of Dovecot, made of %u, %v, %f, %g and %%, such as %v.%u",
        static (string text, out string value) =>
        {
            value = text switch { "own" => "", "dovecot" => FullStack.Store.Feed.UidlFormat.Dovecot, "courier" => FullStack.Store.Feed.UidlFormat.Courier, _ => text };
            return value.Length == 0 || FullStack.Store.Feed.UidlFormat.TryParse(value, out _);
        },
        static value => value switch
        {
            "" => "own",
            FullStack.Store.Feed.UidlFormat.Dovecot => "dovecot",
            FullStack.Store.Feed.UidlFormat.Courier => "courier",
            _ => YamlText.Scalar(value),
        });

    /// <summary>A network of IP addresses; an address alone is one of itself.</summary>
    public static ValueForm<string> Network { get; } = new(
        "a network such as 192.0.2.0/24 or 2001:db8::/32",
        static (string text, out string value) =>
        {
            value = IPAddress.TryParse(text, out IPAddress? one) ? $"{one}/{(one.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)}" : text;
            return IPNetwork.TryParse(value, out _);
        },
        YamlText.Scalar);

    public static ValueForm<long> Size(long least, long most) => new(
        "a size such as 50MiB",
        (string text, out long value) => Quantity.TryParseSize(text, out value) && value >= least && value <= most,
        Quantity.FormatSize)
    {
        Range = Range(least, most, long.MaxValue, Quantity.FormatSize),
        HasForm = static text => Quantity.TryParseSize(text, out _),
    };

    /// <summary>A size, or the word for none.</summary>
    public static ValueForm<long> SizeLimit { get; } = new(
        "a size such as 10GiB, or unlimited",
        static (string text, out long value) => IsUnlimited(text, out value) || Quantity.TryParseSize(text, out value),
        static value => value == long.MaxValue ? Unlimited : Quantity.FormatSize(value));

    /// <summary>A number, or the word for none.</summary>
    public static ValueForm<long> CountLimit { get; } = new(
        "a number, or unlimited",
        static (string text, out long value) => IsUnlimited(text, out value) || Quantity.TryParseNumber(text, out value),
        static value => value == long.MaxValue ? Unlimited : value.ToString(CultureInfo.InvariantCulture));

    public static ValueForm<int> SizeInt32(int least, int most) => new(
        "a size such as 64KiB",
        (string text, out int value) =>
        {
            bool ok = Quantity.TryParseSize(text, out long octets) && octets >= least && octets <= most;
            value = ok ? (int)octets : 0;
            return ok;
        },
        static value => Quantity.FormatSize(value))
    {
        Range = Range<long>(least, most, int.MaxValue, Quantity.FormatSize),
        HasForm = static text => Quantity.TryParseSize(text, out _),
    };

    public static ValueForm<int> Count(int least, int most) => new(
        $"a number from {least.ToString(CultureInfo.InvariantCulture)} to {most.ToString(CultureInfo.InvariantCulture)}",
        (string text, out int value) =>
        {
            bool ok = Quantity.TryParseNumber(text, out long number) && number >= least && number <= most;
            value = ok ? (int)number : 0;
            return ok;
        },
        static value => value.ToString(CultureInfo.InvariantCulture));

    public static ValueForm<TimeSpan> Duration(TimeSpan least, TimeSpan most) => new(
        "a duration such as 30s",
        (string text, out TimeSpan value) => Quantity.TryParseDuration(text, out value) && value >= least && value <= most,
        Quantity.FormatDuration)
    {
        Range = Range(least, most, TimeSpan.MaxValue, Quantity.FormatDuration),
        HasForm = static text => Quantity.TryParseDuration(text, out _),
    };

    /// <summary>One of a few words, each with its value.</summary>
    public static ValueForm<T> OneOf<T>(params (string Word, T Value)[] words)
        where T : struct
    {
        // No LINQ: it would be compiled at each start, for each of the types, which are many.
        string[] names = new string[words.Length];
        for (int i = 0; i < names.Length; i++)
            names[i] = words[i].Word;
        return new(
            $"one of {string.Join(", ", names)}",
            (string text, out T value) =>
            {
                int found = Array.IndexOf(names, text);
                value = found >= 0 ? words[found].Value : default;
                return found >= 0;
            },
            value => names[Array.FindIndex(words, word => word.Value.Equals(value))]);
    }

    private static string Range<T>(T least, T most, T unlimited, Func<T, string> format)
        where T : struct, IEquatable<T>
        => most.Equals(unlimited) ? $" of at least {format(least)}" : $" from {format(least)} to {format(most)}";

    private static bool IsUnlimited(string text, out long value)
    {
        value = long.MaxValue;
        return text == Unlimited;
    }

    /// <summary>Text that is kept as it is written.</summary>
    private static ValueForm<string> AsWritten(string description, Predicate<string> fits) => new(
        description,
        (string text, out string value) =>
        {
            value = text;
            return fits(text);
        },
        YamlText.Scalar);

    // Labels of letters, digits and hyphens (RFC 5321 §2.3.5), or of other scripts (RFC 6531 §3.3) as they are.
    private static bool TryParseHostName(string text, out string value)
    {
        value = text.Normalize().ToLowerInvariant();
        int start = 0;
        while (true)
        {
            int dot = value.IndexOf('.', start);
            ReadOnlySpan<char> label = value.AsSpan(start, (dot < 0 ? value.Length : dot) - start);
            if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-')
                return false;
            foreach (char c in label)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c != '-' && (char.IsAscii(c) || char.IsWhiteSpace(c) || char.IsControl(c)))
                    return false;
            }

            if (dot < 0)
                return value.Length <= 255;
            start = dot + 1;
        }
    }
}
