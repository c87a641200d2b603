namespace FullStack.Unit.Server.Sendmail;

/// <summary>Batch SMTP (RFC 2442), as it stands in files and in messages.</summary>
public sealed class BatchTests
{
    private const string Two = "EHLO here\nMAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>\nDATA\nSubject: one\n\n..\n.\nMAIL FROM:<>\nRCPT TO:<c@example.org>\nDATA\nSubject: two\n.\nQUIT\n";

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public async Task Each_message_of_a_batch_is_dropped(string lineEnd)
    {
        using SendmailRun run = new();
        Assert.Equal((0, ""), (await run.RunAsync(Two.Replace("\n", lineEnd, StringComparison.Ordinal), "-bS"), run.Error));
        IReadOnlyList<string> dropped = run.Dropped();
        Assert.Equal(2, dropped.Count);
        string one = Assert.Single(dropped, static text => text.Contains("\r\nSubject: one\r\n\r\n.\r\n", StringComparison.Ordinal));
        Assert.StartsWith("MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\n", one, StringComparison.Ordinal);
        Assert.Single(dropped, static text => text.StartsWith("MAIL FROM:<>\r\nRCPT TO:<c@example.org>\r\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("7bit")]
    [InlineData("base64")]
    [InlineData("quoted-printable")]
    public async Task A_message_that_is_a_batch_is_taken_apart(string encoding)
    {
        string body = encoding switch
        {
            "base64" => Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(Two.Replace("\n", "\r\n", StringComparison.Ordinal)), Base64FormattingOptions.InsertLineBreaks),
            "quoted-printable" => Two.Replace("here", "he=\nre", StringComparison.Ordinal),
            _ => Two,
        };
        using SendmailRun run = new();
        Assert.Equal((0, ""), (await run.RunAsync($"Received: from x\n\tby y\nContent-Type: Application/Batch-SMTP; x=y\nContent-Transfer-Encoding: {encoding}\n\n{body}", "-bS"), run.Error));
        Assert.Equal(2, run.Dropped().Count);
    }

    /// <summary>Lines of a message whose transaction was refused are no commands.</summary>
    [Fact]
    public async Task A_text_that_follows_a_refused_command_is_passed_over()
    {
        using SendmailRun run = new();
        Assert.Equal(65, await run.RunAsync("MAIL FROM:<a b>\nRCPT TO:<b@example.org>\nDATA\nMAIL FROM:<evil@example.org>\nRCPT TO:<c@example.org>\nDATA\n.\nMAIL FROM:<good@example.org>\nRCPT TO:<d@example.org>\nDATA\nfine\n.\n", "-bS"));
        string only = Assert.Single(run.Dropped());
        Assert.StartsWith("MAIL FROM:<good@example.org>\r\nRCPT TO:<d@example.org>\r\n", only, StringComparison.Ordinal);
        Assert.Contains("sendmail: line 1: MAIL FROM:<a b>: 501 ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Type: text/plain\n\nEHLO x\n")]
    [InlineData("Subject: no body\n")]
    [InlineData("")]
    [InlineData("QUIT\n")]
    public async Task What_is_no_batch_is_refused(string input)
    {
        using SendmailRun run = new();
        Assert.Equal(65, await run.RunAsync(input, "-bS"));
        Assert.Empty(run.Dropped());
    }
}
