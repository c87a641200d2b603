using System.Buffers;
using System.Text;
using FullStack.Imap.Languages;
using FullStack.Imap.Responses;
using FullStack.Imap.Server;

namespace FullStack.Unit.Imap.Languages;

public sealed class LanguageTests
{
    [Theory]
    [InlineData("de", "de")]
    [InlineData("DE", "de")]
    [InlineData("de-AT", "de")]
    [InlineData("de-CH-1996", "de")]
    [InlineData("de-x-local", "de")]
    [InlineData("en-CA", "en")]
    [InlineData("i-default", "i-default")]
    [InlineData("fr", null)]
    [InlineData("d", null)]
    [InlineData("deutsch", null)]
    [InlineData("*", null)]
    [InlineData("", null)]
    [InlineData("-", null)]
    [InlineData("i", null)]
    public void Ranges_are_looked_up(string range, string? tag) => Assert.Equal(tag, ImapLanguage.Find(range)?.Tag);

    [Fact]
    public void Texts_with_holes_are_filled_in_each_language()
    {
        int position = 17;
        ImapText text = ImapCompletion.Bad($"Syntax error in {"UID FETCH"} at octet {position}").Text;
        Assert.Equal("Syntax error in UID FETCH at octet 17", text.ToString());
        Assert.Equal("Syntax error in UID FETCH at octet 17", Written(text, ImapLanguage.Default));
        Assert.Equal("Syntaxfehler in UID FETCH bei Oktett 17", Written(text, ImapLanguage.German));
    }

    [Fact]
    public void Texts_without_a_translation_are_said_in_english() => Assert.Equal("Nobody translated this", Written("Nobody translated this", ImapLanguage.German));

    [Fact]
    public void The_end_of_every_command_is_translated()
        => Assert.All(ImapVerbTable.Standard.Entries, static entry => Assert.Equal($"{entry.Verb.Name} ausgeführt", Written($"{entry.Verb.Name} completed".ToString(), ImapLanguage.German)));

    [Fact]
    public void Braces_in_what_is_filled_in_are_no_holes()
    {
        string argument = "{0}{1}{";
        Assert.Equal("Syntax error in {0}{1}{ at octet 1", Written($"Syntax error in {argument} at octet {1}", ImapLanguage.English));
    }

    private static string Written(ImapText text, ImapLanguage language)
    {
        ArrayBufferWriter<byte> output = new();
        new ImapResponseWriter(output) { Language = language }.Text(text);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
