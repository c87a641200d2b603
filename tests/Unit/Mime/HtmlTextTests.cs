using FullStack.Mime;

namespace FullStack.Unit.Mime;

public sealed class HtmlTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("   \n ", "")]
    [InlineData("one\n  two &amp; three", "one two & three")]
    [InlineData("<p>a</p><p>b</p>", "a||b")]
    [InlineData("<div>a<div>b</div></div>c", "a|b|c")]
    [InlineData("a<br>b<br><br>c<br>", "a|b||c")]
    [InlineData("<html><head><title>T</title><style>p > b {}</style><script>if (a < b) '</p>'</script></head><body>x</body></html>", "x")]
    [InlineData("<ul><li>a<li>b<ol><li>c<li>d</ol><li>e</ul>f", "* a|* b|  1. c|  2. d|* e||f")]
    [InlineData("<blockquote><p>a<p>b<blockquote>c</blockquote></blockquote>d", "> a||> b||> > c||d")]
    [InlineData("<table><tr><th>a<th>b<tr><td>1<td>2</table>c", "a\tb|1\t2||c")]
    [InlineData("<pre>  a\n\n\tb</pre>c", "  a||\tb||c")]
    [InlineData("<pre>\na\n</pre><p>b", "a||b")]
    [InlineData("a<hr>b", "a|----------|b")]
    [InlineData("<a href='https://e.org/x'>here</a>.", "here <https://e.org/x>.")]
    [InlineData("<a href='https://e.org/'>e.org</a> <a href=https://e.org>https://e.org</a>", "e.org https://e.org")]
    [InlineData("<a href='javascript:x()'>run</a> <a href='https://e.org/x'></a>", "run")]
    [InlineData("<img src=x alt='Logo of us'><img src=y alt=''>", "[Logo of us]")]
    [InlineData("&euro;&#8364;&#x20ac;&nosuch; &lt;b&gt;", "€€€&nosuch; <b>")]
    [InlineData("<b>bo</b>ld <i>x</i>", "bold x")]
    [InlineData("a<!-- <p>no</p> -->b<![CDATA[c]]>", "ab")]
    [InlineData("<textarea>a <b> c</textarea>", "a <b> c")]
    [InlineData("</p></div></ul></blockquote></pre>a", "a")]
    [InlineData("a < b > c <", "a < b > c <")]
    public void Html_becomes_text(string html, string text) => Assert.Equal(text.Length == 0 ? "" : text.Replace("|", "\r\n", StringComparison.Ordinal) + "\r\n", HtmlText.Of(html));

    /// <summary>Markup that is costly to make a tree of: nested, never closed, formatted anew in every paragraph, of very many attributes.</summary>
    [Theory]
    [InlineData("<div>", "")]
    [InlineData("<p><font size=", "1>x</p>")]
    [InlineData("<blockquote>x", "")]
    [InlineData("<ol><li>x", "")]
    [InlineData("<table><tr><td>x", "")]
    [InlineData("<", "")]
    [InlineData("<!--", "")]
    [InlineData("&", "")]
    [InlineData("&#x1F600;", "")]
    [InlineData("<a href=http://x>y", "")]
    [InlineData("<a x=1 ", "")]
    [InlineData("<hr>", "")]
    [InlineData("<script><!--<script>", "")]
    [InlineData("<title></titl", "")]
    public void Hostile_html_costs_in_proportion_to_its_length(string repeated, string end)
    {
        string unit = repeated + end;
        string html = string.Concat(Enumerable.Repeat(unit, HtmlText.MaxUnits / unit.Length));
        long before = GC.GetAllocatedBytesForCurrentThread();
        string text = HtmlText.Of(html);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 << 20); // of which no more than a few are in use at once
        Assert.InRange(text.Length, 0, 8 * HtmlText.MaxUnits);
    }

    [Fact]
    public void What_is_beyond_the_longest_html_is_not_looked_at()
        => Assert.Equal(HtmlText.MaxUnits + 2, HtmlText.Of(new string('x', HtmlText.MaxUnits) + "<p>y").Length);
}
