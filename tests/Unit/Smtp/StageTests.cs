using System.Text;
using FullStack.Smtp;
using FullStack.Smtp.Stages;

namespace FullStack.Unit.Smtp;

/// <summary>What filters are asked, when, and what becomes of what they say.</summary>
public sealed class StageTests
{
    private const string Message = "Subject: hi\r\nX: y\r\n z\r\n\r\nbody\r\n.\r\n";
    private const string ToData = "EHLO client.example.org\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n";

    private static readonly DeliveryStatus s_no = new(550, new(5, 7, 1), "not you");
    private static readonly DeliveryStatus s_later = new(450, new(4, 7, 1), "not now");

    [Fact]
    public async Task A_stage_is_asked_at_each_point()
    {
        ScriptedStage stage = new() { Looks = true };
        await PlayAsync(ToData + Message + "QUIT\r\n", stage);
        Assert.Equal(
            [
                "connect", "helo client.example.org", "mail <a@example.org>", "rcpt <b@example.test>", "header Subject: hi|X: y| z||", "data body|", "delivered 1", "end",
            ],
            stage.Asked);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public async Task Header_and_body_are_told_apart_wherever_they_are_cut(int cut)
    {
        foreach ((string text, string header, string body) in ((string, string, string)[])
            [
                ("A: b\r\n\r\nc\r\n", "header A: b||", "data c|"),
                ("A: b\r\nno field\r\n", "header A: b|", "data no field|"),
                ("\r\nc\r\n", "header |", "data c|"),
                ("no field\r\n", "header", "data no field|"),
                ("A: b\r\n", "header A: b|", "data"),
            ])
        {
            ScriptedStage stage = new() { Looks = true };
            ScriptedSink sink = new();
            await using SmtpConversation talk = new(sink: sink, stages: [stage]);
            await talk.PlayAsync(ToData + text + ".\r\nQUIT\r\n", cut);
            Assert.Contains(header, stage.Asked);
            Assert.Contains(body, stage.Asked);
            Assert.EndsWith(text, sink.Messages[0], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("connect", "554 5.7.1 mail.example.test go away\r\n503 5.5.1 *503 5.5.1 *503 5.5.1 *503 5.5.1 *")]
    [InlineData("helo", "220 *550 5.7.1 not you\r\n503 5.5.1 *503 5.5.1 *503 5.5.1 *")]
    [InlineData("mail", "220 *250 *550 5.7.1 not you\r\n503 5.5.1 *503 5.5.1 *")]
    [InlineData("rcpt", "220 *250 *250 2.1.0 *550 5.7.1 not you\r\n554 5.5.1 *")]
    [InlineData("header", "220 *250 *250 2.1.0 *250 2.1.5 *354 *550 5.7.1 not you\r\n")]
    [InlineData("data", "220 *250 *250 2.1.0 *250 2.1.5 *354 *550 5.7.1 not you\r\n")]
    public async Task A_refusal_is_the_answer_to_what_was_asked_about(string point, string expected)
    {
        ScriptedStage stage = new() { Looks = true, Verdicts = { [point] = StageVerdict.Refuse(point == "connect" ? new(554, new(5, 7, 1), "go away") : s_no, "why") } };
        ScriptedSink sink = new();
        string said = await PlayAsync(ToData + (point is "header" or "data" ? Message : "") + "QUIT\r\n", sink, stage);
        int at = 0;
        foreach (string part in (expected + "221 2.0.0 ").Split('*'))
        {
            at = said.IndexOf(part, at, StringComparison.Ordinal);
            Assert.True(at >= 0, $"{part} in {said}");
            at += part.Length;
        }

        Assert.Empty(sink.Messages);
        Assert.Equal(sink.Begun, sink.Ended);
    }

    [Fact]
    public async Task A_deferral_at_the_door_closes()
    {
        ScriptedStage stage = new() { Verdicts = { ["connect"] = StageVerdict.Defer(s_later, "why") } };
        Assert.Equal("421 4.7.1 mail.example.test not now\r\n", await PlayAsync("", stage));
    }

    [Fact]
    public async Task A_filter_that_fails_lets_nothing_past()
    {
        foreach (string point in (string[])["connect", "helo", "mail", "rcpt", "header", "data"])
        {
            ScriptedStage stage = new() { Looks = true, FailsAt = point };
            ScriptedSink sink = new();
            string said = await PlayAsync(ToData + (point is "header" or "data" ? Message : "") + "QUIT\r\n", sink, stage);
            Assert.Contains(point == "connect" ? "421 4.3.0 " : "451 4.3.0 ", said, StringComparison.Ordinal);
            Assert.Empty(sink.Messages);
        }
    }

    [Theory]
    [InlineData("connect", new[] { "helo", "mail", "rcpt", "header", "data" })]
    [InlineData("mail", new[] { "rcpt", "header", "data" })]
    [InlineData("rcpt", new string[0])]
    public async Task Accepted_is_not_asked_about_any_more(string point, string[] unasked)
    {
        ScriptedStage first = new("first") { Verdicts = { [point] = StageVerdict.Accept("known") } };
        ScriptedStage second = new("second") { Looks = true, Verdicts = { [point] = StageVerdict.Refuse(s_no, "never said") } };
        ScriptedSink sink = new();
        await PlayAsync(ToData + Message + "QUIT\r\n", sink, first, second);
        Assert.Single(sink.Messages);
        Assert.DoesNotContain(second.Asked, asked => asked.StartsWith(point, StringComparison.Ordinal) || unasked.Any(u => asked.StartsWith(u, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Fields_stand_above_our_own_the_latest_uppermost()
    {
        ScriptedStage stage = new()
        {
            Looks = true,
            Verdicts =
            {
                ["connect"] = StageVerdict.Add(new("X-1", "connect"), "r"), ["helo"] = StageVerdict.Add(new("X-2", "helo"), "r"),
                ["mail"] = StageVerdict.Add(new("X-3", "mail"), "r"), ["rcpt"] = StageVerdict.Add(new("X-4", "rcpt"), "r"),
                ["header"] = StageVerdict.Add(new("X-5", "header"), "r"), ["data"] = StageVerdict.Quarantine("smells").With(new AddedField("X-6", "data\r\n\tfolded")),
            },
        };
        ScriptedSink sink = new();
        await PlayAsync(ToData + Message + "QUIT\r\n", sink, stage);
        Assert.StartsWith("X-6: data\r\n\tfolded\r\nX-5: header\r\nX-3: mail\r\nX-4: rcpt\r\nX-2: helo\r\nX-1: connect\r\nReceived: ", sink.Messages[0], StringComparison.Ordinal);
        Assert.Equal(["smells"], sink.Envelopes.Select(static e => e.Quarantine));
    }

    [Fact]
    public async Task What_was_said_of_a_transaction_ends_with_it()
    {
        ScriptedStage stage = new() { Verdicts = { ["mail <bad@example.org>"] = StageVerdict.Quarantine("smells").With(new AddedField("X-1", "y")) } };
        ScriptedSink sink = new();
        await PlayAsync(ToData.Replace("<a@", "<bad@", StringComparison.Ordinal) + Message + ToData + Message + "QUIT\r\n", sink, stage);
        Assert.Equal(["smells", null], sink.Envelopes.Select(static e => e.Quarantine));
        Assert.StartsWith("Received: ", sink.Messages[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_message_is_not_kept_back()
    {
        ScriptedStage stage = new() { Looks = true, Verdicts = { ["header"] = StageVerdict.Add(new("X-1", "in time"), "r"), ["data"] = StageVerdict.Add(new("X-2", "too late"), "r") } };
        ScriptedSink sink = new();
        StringBuilder text = new("Subject: large\r\n\r\n");
        for (int i = 0; i < 4000; i++)
            text.Append("0123456789012345678901234567890123456789012345678901234567890123456789\r\n");
        await PlayAsync(ToData + text + ".\r\nQUIT\r\n", sink, stage);
        Assert.StartsWith("X-1: in time\r\nReceived: ", sink.Messages[0], StringComparison.Ordinal);
        Assert.EndsWith(text.ToString(), sink.Messages[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_that_is_too_large_to_be_looked_at_is_refused()
    {
        string header = string.Concat(Enumerable.Repeat("X-Filler: 0123456789012345678901234567890123456789012345678901234567890123456789\r\n", 4000));
        Assert.Contains("552 5.3.4 ", await PlayAsync(ToData + header + ".\r\nQUIT\r\n", new ScriptedStage { Looks = true }), StringComparison.Ordinal);
        Assert.Contains("250 2.0.0 ", await PlayAsync(ToData + header + ".\r\nQUIT\r\n", new ScriptedStage()), StringComparison.Ordinal);
    }

    private static Task<string> PlayAsync(string text, params ISmtpStage[] stages) => PlayAsync(text, new ScriptedSink(), stages);

    private static async Task<string> PlayAsync(string text, ScriptedSink sink, params ISmtpStage[] stages)
    {
        await using SmtpConversation talk = new(sink: sink, stages: stages);
        return await talk.PlayAsync(text);
    }
}
