using System.Text;
using FullStack.Mime;

namespace FullStack.Imap.Conversions;

/// <summary>A conversion parameter, as the client wrote it.</summary>
/// <param name="Name">Its name; case does not matter.</param>
/// <param name="Value">Its value's octets.</param>
internal sealed record ConversionParameter(string Name, byte[] Value)
{
    public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}

/// <summary>How texts are to be converted: the parameters of one CONVERT, understood or not.</summary>
/// <remarks>RFC 5259 §7.1 and §12.1.</remarks>
internal sealed class ConversionParameters
{
    public const string CharsetName = "charset", ReplacementName = "unknown-character-replacement";

    /// <summary>Longest replacement, in octets: it may stand for every character of a text.</summary>
    private const int MaxReplacementOctets = 16;

    private const string DefaultCharset = "utf-8";

    private ConversionParameters(IReadOnlyList<ConversionParameter> all) => All = all;

    /// <summary>The names of those that conversions of texts have.</summary>
    public static IReadOnlyList<string> Names { get; } = [CharsetName, ReplacementName];

    /// <summary>Those that the client gave.</summary>
    public IReadOnlyList<ConversionParameter> All { get; }

    /// <summary>Those that are unknown, or whose value cannot be: with them nothing is converted.</summary>
    public IReadOnlyList<ConversionParameter> Bad { get; private init; } = [];

    /// <summary>The charset that was asked for; null: none.</summary>
    public ConversionParameter? Charset { get; private init; }

    /// <summary>The charset's name, as the client wrote it: UTF-8 where it named none.</summary>
    public string Name { get; private init; } = DefaultCharset;

    /// <summary>The charset to convert to. It throws at characters that it lacks where the client named no replacement.</summary>
    public Encoding Target { get; private init; } = Encoding.UTF8;

    /// <summary>What tells conversions with these parameters from others.</summary>
    public string Key => $"{Target.CodePage} {Replacement}";

    private string? Replacement { get; init; }

    public static ConversionParameters Of(IReadOnlyList<ConversionParameter> all)
    {
        List<ConversionParameter> bad = [.. all.Where(static parameter => !parameter.Is(CharsetName) && !parameter.Is(ReplacementName))];
        ConversionParameter? charset = all.FirstOrDefault(static parameter => parameter.Is(CharsetName));
        ConversionParameter? given = all.FirstOrDefault(static parameter => parameter.Is(ReplacementName));
        string? replacement = null;
        if (given is not null && !TryReadReplacement(given.Value, out replacement))
            bad.Add(given);
        string name = charset is null ? DefaultCharset : Encoding.Latin1.GetString(charset.Value);
        Encoding? target = Charsets.FindTarget(name, EncoderFallback.ExceptionFallback);
        if (target is null)
            bad.Add(charset!);
        else if (replacement is not null && !CanWrite(target, replacement))
            bad.Add(given!);
        else if (replacement is not null)
            target = Charsets.FindTarget(name, new EncoderReplacementFallback(replacement));
        return new(all) { Bad = bad, Charset = charset, Name = name, Target = target ?? Encoding.UTF8, Replacement = replacement };
    }

    private static bool TryReadReplacement(byte[] value, out string? replacement)
    {
        bool isText = value.Length is > 0 and <= MaxReplacementOctets && System.Text.Unicode.Utf8.IsValid(value);
        replacement = isText ? Encoding.UTF8.GetString(value) : null;
        return isText;
    }

    /// <summary>"If the value … can't be represented in the target charset, then the server MUST also fail" (RFC 5259 §7.1).</summary>
    private static bool CanWrite(Encoding target, string replacement)
    {
        try
        {
            return target.GetByteCount(replacement) > 0;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
