using System.Text.Json;

namespace FullStack.Interop.Thunderbird;

/// <summary>A day with Thunderbird, by its own code on a screen that nobody sees: IMAP over TLS with IDLE, submission over TLS.</summary>
public sealed class ThunderbirdTests(InteropServer server) : IClassFixture<InteropServer>
{
    [Fact]
    public async Task Sees_new_mail_marks_moves_deletes_and_sends_with_a_copy()
    {
        ExternalProgram.Require("thunderbird", "xvfb-run");
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(4));
        CancellationToken ct = limit.Token;
        string user = server.NewUser();
        await server.DeliverAsync(user, "From: a@example.test\r\nSubject: first\r\n\r\nWas there before.\r\n");
        await using RunningThunderbird thunderbird = await RunningThunderbird.StartAsync(server, user, ct);

        await thunderbird.RunAsync(
            """
            account.incomingServer.performExpand(null);
            (await until(inbox, "INBOX")).updateFolder(null);
            await until(() => message(inbox(), "first"), "the first message");
            """, ct);

        int news = await SeesNewMailWhileIdleAsync(thunderbird, user, ct);

        await thunderbird.RunAsync(
            """
            const marked = [message(inbox(), "news 1")];
            inbox().markMessagesRead(marked, true);
            inbox().markMessagesFlagged(marked, true);
            inbox().addKeywordsToMessages(marked, "$label1");
            """, ct);
        await UntilAsync(() => server.StoredFiles(user).Any(static file => file.EndsWith(":2,FSa", StringComparison.Ordinal)), "flags and a keyword", ct);

        await thunderbird.RunAsync(
            """
            root.createSubfolder("Kept", null);
            const kept = await until(() => root.containsChildNamed("Kept") && root.getChildNamed("Kept"), "the new folder");
            MailServices.copy.copyMessages(inbox(), [message(inbox(), "first")], kept, true, null, null, false);
            await until(() => !message(inbox(), "first"), "the move");
            """, ct);
        await UntilAsync(() => server.StoredMessages(user, ".Kept").Count == 1 && server.StoredMessages(user).Count == news, "the moved message", ct);

        await thunderbird.RunAsync(
            """
            inbox().deleteMessages(messages(inbox()), null, false, true, null, true);
            await until(() => messages(inbox()).length == 0, "an empty INBOX");
            """, ct);
        await UntilAsync(() => server.StoredMessages(user, ".Trash").Count == news && server.StoredMessages(user).Count == 0, "the deleted messages in Trash", ct);

        await thunderbird.RunAsync(
            """
            const fields = Cc["@mozilla.org/messengercompose/composefields;1"].createInstance(Ci.nsIMsgCompFields);
            fields.to = "bob@example.test";
            fields.subject = "from Thunderbird";
            fields.body = "Grüße aus Thunderbird.";
            const parameters = Cc["@mozilla.org/messengercompose/composeparams;1"].createInstance(Ci.nsIMsgComposeParams);
            parameters.composeFields = fields;
            parameters.identity = account.defaultIdentity;
            parameters.type = Ci.nsIMsgCompType.New;
            parameters.format = Ci.nsIMsgCompFormat.PlainText;
            MailServices.compose.OpenComposeWindowWithParams(null, parameters);
            const window = await until(() => Services.wm.getMostRecentWindow("msgcompose"), "a window to write in");
            await until(() => window.gMsgCompose?.editor && !window.gWindowLocked && window.document.readyState == "complete"
              && window.gMsgCompose.editor.document.body.textContent.includes("Thunderbird"), "the text in it");
            await until(() => { window.goDoCommand("cmd_sendNow"); return window.closed || window.gSendOperationInProgress; }, "sending");
            await until(() => window.closed, "the message to be sent");
            """, ct);
        Assert.Contains(server.StoredMessages("bob"), static m => m.Contains("Subject: from Thunderbird", StringComparison.Ordinal));
        await UntilAsync(() => server.StoredMessages(user, ".Sent").Count == 1, "the copy in Sent", ct);
    }

    /// <summary>Delivers until Thunderbird sees it without asking, and says how many messages that took.</summary>
    /// <remarks>Thunderbird idles two seconds after its last command, and overlooks an EXISTS that comes with the answer to that one.</remarks>
    private async Task<int> SeesNewMailWhileIdleAsync(RunningThunderbird thunderbird, string user, CancellationToken ct)
    {
        for (int news = 1; news <= 6; news++)
        {
            await server.DeliverAsync(user, $"From: a@example.test\r\nSubject: news {news}\r\n\r\nCame while idle.\r\n");
            JsonElement seen = await thunderbird.RunAsync("return await until(() => message(inbox(), given[0]), 'news', 40).then(() => true, () => false);", ct, $"news {news}");
            if (seen.GetBoolean())
                return news;
        }

        Assert.Fail("new mail was not seen while idle");
        return 0;
    }

    private static async Task UntilAsync(Func<bool> condition, string what, CancellationToken ct)
    {
        try
        {
            while (!condition())
                await Task.Delay(100, ct);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"waited in vain for {what}");
        }
    }
}
