using System.Globalization;
using System.Net;
using System.Text;

namespace FullStack.Mime;

/// <summary>Leaves of a piece of HTML what a reader would see as words. It knows no layout, and never fails on any input.</summary>
internal static class HtmlWords
{
    /// <summary>Elements whose content is not shown as text.</summary>
    private static readonly string[] Hidden = ["style", "script", "head", "title"];

    /// <summary>Elements in the middle of words, if need be; all others part words.</summary>
    private static readonly string[] Inline = ["a", "abbr", "b", "big", "code", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "tt", "u"];

    public static string Of(ReadOnlySpan<char> html)
    {
        StringBuilder words = new(html.Length);
        while (!html.IsEmpty)
        {
            int open = html.IndexOf('<');
            words.Append(open < 0 ? html : html[..open]);
            if (open < 0)
                break;
            if (!IsInline(html[(open + 1)..]))
                words.Append(' ');
            html = AfterMarkup(html[open..]);
        }

        return WebUtility.HtmlDecode(words.ToString());
    }

    private static bool IsInline(ReadOnlySpan<char> tag)
    {
        if (tag is ['/', ..])
            tag = tag[1..];
        int length = 0;
        while (length < tag.Length && char.IsAsciiLetterOrDigit(tag[length]))
            length++;
        foreach (string name in Inline)
        {
            if (tag[..length].Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    /// <summary>What follows a tag, a comment, or an element that is not shown.</summary>
    private static ReadOnlySpan<char> AfterMarkup(ReadOnlySpan<char> html)
    {
        if (html.StartsWith("<!--", StringComparison.Ordinal))
            return After(html, "-->");
        foreach (string name in Hidden)
        {
            if (html.Length > name.Length + 1 && html[1..].StartsWith(name, StringComparison.OrdinalIgnoreCase) && !char.IsAsciiLetterOrDigit(html[name.Length + 1]))
                return After(After(html, string.Create(CultureInfo.InvariantCulture, $"</{name}")), ">");
        }

        return After(html, ">");
    }

    private static ReadOnlySpan<char> After(ReadOnlySpan<char> html, string end)
        => html.IndexOf(end, StringComparison.OrdinalIgnoreCase) is var at and >= 0 ? html[(at + end.Length)..] : default;
}
