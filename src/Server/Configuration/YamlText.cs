using System.Diagnostics.CodeAnalysis;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace FullStack.Server.Configuration;

/// <summary>What the configuration asks of YAML nodes: lines, plain texts, and words for what was found instead.</summary>
internal static class YamlText
{
    private const int LongestQuoted = 40;
    private const int MaxDepth = 50;

    public static int LineOf(YamlNode node) => checked((int)node.Start.Line);

    /// <summary>
    /// Finds what cannot be made into nodes safely: each node is made within the one around it, so depth costs stack, and a reference may lead back to where it stands.
    /// </summary>
    /// <returns>What is wrong, and where; null: nothing.</returns>
    /// <exception cref="YamlException">It is not YAML.</exception>
    public static ConfigurationProblem? FindUnsafe(string text)
    {
        Parser parser = new(new StringReader(text));
        int depth = 0;
        while (parser.MoveNext())
        {
            ParsingEvent found = parser.Current!;
            depth += found.NestingIncrease;
            int line = checked((int)found.Start.Line);
            if (depth > MaxDepth)
                return new(line, "nested deeper than any configuration is");
            if (found is AnchorAlias alias)
                return new(line, $"a reference, {Quote($"*{alias.Value}")}: write out what it stands for, or put quotes around it where it is text");
        }

        return null;
    }

    public static bool IsEmpty(YamlNode node)
        => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };

    public static bool TryGetScalar(YamlNode node, [NotNullWhen(true)] out string? text)
    {
        text = node is YamlScalarNode scalar && !IsEmpty(node) ? scalar.Value : null;
        return text is not null;
    }

    /// <summary>What a node is, after "found".</summary>
    public static string Describe(YamlNode node) => node switch
    {
        _ when IsEmpty(node) => "nothing",
        YamlScalarNode scalar => Quote(scalar.Value ?? ""),
        YamlSequenceNode => "a list",
        YamlMappingNode => "a group of keys",
        _ => "something else",
    };

    /// <summary>Quotes a text for a message on one line.</summary>
    public static string Quote(string text)
    {
        string line = new([.. text.Select(static c => char.IsControl(c) ? '?' : c)]);
        return line.Length > LongestQuoted ? $"\"{line[..LongestQuoted]}…\"" : $"\"{line}\"";
    }

    /// <summary>Writes a text as a YAML scalar, quoted where a plain one would be read as something else.</summary>
    public static string Scalar(string text)
    {
        bool plain = text.Length > 0 && text is not ("~" or "null" or "true" or "false") && char.IsAsciiLetterOrDigit(text[0])
            && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '/');
        bool path = text.StartsWith("./", StringComparison.Ordinal) || text.StartsWith('/');
        if (plain || (path && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '/')))
            return text;
        return "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
    }
}
