using System.Collections.Frozen;
using AngleSharp.Html;
using AngleSharp.Html.Parser;
using AngleSharp.Html.Parser.Tokens;
using AngleSharp.Text;

namespace FullStack.Mime;

/// <summary>Makes plain text of HTML: paragraphs, lists, quotations, tables by tabs, targets of links behind their words.</summary>
/// <remarks>
/// Tokens come from AngleSharp and are laid out as they come. No tree is built: what HTML's rules for trees repeat and nest on behalf
/// of broken markup is where hostile HTML is costly, while tokens take time and room in proportion to the text. Never throws on any input.
/// </remarks>
public static class HtmlText
{
    /// <summary>Longest HTML that is taken, in UTF-16 units; what mail has is a tenth of it.</summary>
    public const int MaxUnits = 1 << 20;

    private static readonly FrozenSet<string> Paragraphs = FrozenSet.ToFrozenSet(["p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "dl", "figure", "fieldset"]);

    private static readonly FrozenSet<string> Lines = FrozenSet.ToFrozenSet(
        ["div", "tr", "dt", "dd", "section", "article", "header", "footer", "main", "nav", "aside", "address", "caption", "option", "form", "legend", "figcaption", "center", "body", "details", "summary"]);

    private static readonly FrozenSet<string> OtherBreaks = FrozenSet.ToFrozenSet(
        ["br", "hr", "td", "th", "li", "ul", "ol", "menu", "dir", "blockquote", "pre", "xmp", "plaintext", "listing", "img"]);

    /// <summary>Elements whose content is no HTML.</summary>
    private static readonly FrozenDictionary<string, HtmlParseMode> Modes = new Dictionary<string, HtmlParseMode>
    {
        ["script"] = HtmlParseMode.Script,
        ["style"] = HtmlParseMode.Rawtext,
        ["xmp"] = HtmlParseMode.Rawtext,
        ["iframe"] = HtmlParseMode.Rawtext,
        ["noembed"] = HtmlParseMode.Rawtext,
        ["noframes"] = HtmlParseMode.Rawtext,
        ["title"] = HtmlParseMode.RCData,
        ["textarea"] = HtmlParseMode.RCData,
        ["plaintext"] = HtmlParseMode.Plaintext,
    }.ToFrozenDictionary();

    /// <summary>Elements whose content is not shown.</summary>
    private static readonly FrozenSet<string> Hidden = FrozenSet.ToFrozenSet(["script", "style", "title", "iframe", "noembed", "noframes"]);

    /// <summary>The text, its lines ended by CRLF; empty where nothing would be seen.</summary>
    /// <param name="html">At most <see cref="MaxUnits"/> of it are looked at.</param>
    public static string Of(string html)
    {
        using TextSource source = new(html.Length <= MaxUnits ? html : html[..MaxUnits]);
        using HtmlTokenizer tokens = new(source, HtmlEntityProvider.ResolverExtended)
        {
            SkipComments = true,
            DisableElementPositionTracking = true,
            ShouldEmitAttribute = static (ref _, name) => name.Length <= 4 && name.Span is "href" or "alt",
        };
        PlainTextLayout layout = new();
        string? skippedTo = null;
        for (HtmlToken token = tokens.Get(); token.Type != HtmlTokenType.EndOfFile; token = tokens.Get())
        {
            bool isEnd = token.Type == HtmlTokenType.EndTag;
            if (token.Type == HtmlTokenType.StartTag)
            {
                tokens.State = Modes.GetValueOrDefault(token.Name, tokens.State);
                skippedTo ??= Hidden.Contains(token.Name) ? token.Name : null;
            }
            else if (isEnd && token.Name == skippedTo)
            {
                skippedTo = null;
            }

            if (skippedTo is not null)
                continue;
            if (token.Type == HtmlTokenType.Character)
                layout.Text(token.Data);
            else if (token.Type == HtmlTokenType.StartTag)
                Open(layout, token.AsTag());
            else if (isEnd)
                Close(layout, token.Name);
        }

        return layout.Complete();
    }

    /// <summary>Whether text before and after a tag of this name, in lower case, is apart.</summary>
    internal static bool PartsWords(string name) => Paragraphs.Contains(name) || Lines.Contains(name) || OtherBreaks.Contains(name);

    private static void Open(PlainTextLayout layout, HtmlTagToken tag)
    {
        switch (tag.Name)
        {
            case "br":
                layout.Break();
                break;
            case "hr":
                layout.Rule();
                break;
            case "img":
                layout.Picture(tag.GetAttribute("alt"));
                break;
            case "a":
                layout.BeginLink(tag.GetAttribute("href"));
                break;
            case "td" or "th":
                layout.Cell();
                break;
            case "li":
                layout.ListItem();
                break;
            case "ul" or "menu" or "dir":
                layout.BeginList(isNumbered: false);
                break;
            case "ol":
                layout.BeginList(isNumbered: true);
                break;
            case "blockquote":
                layout.BeginQuotation();
                break;
            case "pre" or "xmp" or "plaintext" or "listing":
                layout.BeginPreformatted();
                break;
            default:
                Separate(layout, tag.Name);
                break;
        }
    }

    private static void Close(PlainTextLayout layout, string name)
    {
        switch (name)
        {
            case "a":
                layout.EndLink();
                break;
            case "ul" or "menu" or "dir" or "ol":
                layout.EndList();
                break;
            case "blockquote":
                layout.EndQuotation();
                break;
            case "pre" or "xmp" or "listing":
                layout.EndPreformatted();
                break;
            case "li":
                layout.StartLine();
                break;
            default:
                Separate(layout, name);
                break;
        }
    }

    private static void Separate(PlainTextLayout layout, string name)
    {
        if (Paragraphs.Contains(name))
            layout.StartParagraph();
        else if (Lines.Contains(name))
            layout.StartLine();
    }
}
