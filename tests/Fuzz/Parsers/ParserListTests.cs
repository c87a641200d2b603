using System.Reflection;
using System.Text.RegularExpressions;
using FullStack.Auth;
using FullStack.Dns;
using FullStack.Imap;
using FullStack.Mime;
using FullStack.Net;
using FullStack.Pop3;
using FullStack.Queue.Aliases;
using FullStack.Server;
using FullStack.Smtp;
using FullStack.Store;

namespace FullStack.Fuzz.Parsers;

/// <summary>No parser is forgotten: each static method that by its name and arguments reads text is in <see cref="ParserTargets"/>, or stands here with the reason why not.</summary>
public sealed partial class ParserListTests
{
    private static readonly Assembly[] s_product =
    [
        typeof(Authenticator).Assembly, typeof(DnsName).Assembly, typeof(ImapOptions).Assembly, typeof(MimeMessage).Assembly, typeof(MailConnection).Assembly, typeof(Pop3Options).Assembly,
        typeof(AliasReader).Assembly, typeof(ListenerProtocol).Assembly, typeof(MailboxAddress).Assembly, typeof(Result<>).Assembly,
    ];

    /// <summary>Ref structs that walk over a command. What takes one is a rule of that command's grammar, and reached by the target of its verb table.</summary>
    private static readonly string[] s_readers = ["ImapReader", "SmtpReader", "Pop3Reader", "DnsReader", "FieldReader", "HeaderLines"];

    private static readonly Dictionary<string, string> s_exempt = new()
    {
        ["AccessRules.Load"] = "reads a file and hands its text to AccessRules.Parse",
        ["AliasTable.Load"] = "reads files and hands their text to AliasReader.Read",
        ["ClientAuthorities.Load"] = "certificates that the administrator trusts, read by .NET",
        ["CommandLine.Parse"] = "arguments of whoever starts the program, read by System.CommandLine",
        ["ConfigurationFile.Load"] = "reads a file and hands its text to ConfigurationFile.Parse",
        ["ListeningSockets.Read"] = "what the kernel says in /proc",
        ["MasqueradeTable.Load"] = "reads a file and hands its text to MasqueradeTable.Read",
        ["OwnerMark.Read"] = "one line that this server wrote beside a Maildir, compared as a whole",
        ["PlaceRecord.Read"] = "three lines that this server wrote, compared as a whole; anything else is damage and said to be",
        ["Readiness.Read"] = "what the kernel says of sockets",
        ["ResolvConf.Load"] = "reads a file and hands its text to ResolvConf.Parse",
        ["TargetFiles.ReadText"] = "reads a file for AliasReader and CourierReader, which parse it",
    };

    [Fact]
    public void Every_parser_is_fuzzed_or_says_why_not()
    {
        HashSet<string> known = [.. ParserTargets.All.Keys, .. ParserTargets.All.Values.SelectMany(static target => target.Also), .. s_exempt.Keys];
        string[] missing = [.. Parsers().Where(parser => !known.Contains(parser)).Order(StringComparer.Ordinal)];
        Assert.True(missing.Length == 0, $"neither in ParserTargets nor exempt:{Environment.NewLine}{string.Join(Environment.NewLine, missing)}");
    }

    [Fact]
    public void The_list_names_no_method_that_is_not_there()
    {
        HashSet<string> methods = [.. s_product.SelectMany(static assembly => assembly.GetTypes()).SelectMany(static type => type
            .GetMembers(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).Select(member => $"{type.Name}.{member.Name}"))];
        IEnumerable<string> named = ParserTargets.All.Keys.Concat(ParserTargets.All.Values.SelectMany(static target => target.Also)).Concat(s_exempt.Keys);
        Assert.Equal([], named.Where(name => !methods.Contains(name)));
    }

    private static IEnumerable<string> Parsers() => s_product
        .SelectMany(static assembly => assembly.GetTypes())
        .Where(static type => !type.FullName!.Contains('<', StringComparison.Ordinal))
        .SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        .Where(static method => !method.IsPrivate && ParserName().IsMatch(method.Name) && !typeof(Task).IsAssignableFrom(method.ReturnType))
        .Where(static method => method.GetParameters().Any(IsText) && !method.GetParameters().Any(IsReader))
        .Select(static method => $"{method.DeclaringType!.Name}.{method.Name}").Distinct();

    private static bool IsText(ParameterInfo parameter)
        => !parameter.IsOut && (parameter.ParameterType == typeof(string) || parameter.ParameterType == typeof(byte[]) || parameter.ParameterType == typeof(ReadOnlySpan<byte>)
            || parameter.ParameterType == typeof(ReadOnlySpan<char>) || parameter.ParameterType == typeof(ReadOnlyMemory<byte>) || typeof(IEnumerable<string>).IsAssignableFrom(parameter.ParameterType)
            || typeof(Stream).IsAssignableFrom(parameter.ParameterType) || parameter.ParameterType == typeof(System.Text.Json.JsonElement));

    private static bool IsReader(ParameterInfo parameter) => parameter.ParameterType.GetElementType() is { } type && s_readers.Contains(type.Name);

    [GeneratedRegex("^(Try)?(Parse|Read|Decode|Scan|Split|Unescape|Unfold|Load|FromWire|FromPem|OfCourier|OfDovecot)")]
    private static partial Regex ParserName();
}
