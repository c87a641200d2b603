using System.Text.Json;

namespace FullStack.Interop.Thunderbird;

/// <summary>Thunderbird set up as a person does it: name, address and password typed into its own dialog, the rest from the server's autoconfig.</summary>
public sealed class ThunderbirdSetupTests(InteropServer server) : IClassFixture<InteropServer>
{
    /// <summary>Opens the dialog, types name and address, and goes on to what was found.</summary>
    private const string Ask = """
        const window = Services.wm.getMostRecentWindow("mail:3pane");
        await until(() => window.document.readyState == "complete" && window.openAccountHub, "the window");
        await window.openAccountHub("MAIL");
        const hub = await until(() => window.document.querySelector("account-hub-container")?.modal?.querySelector("account-hub-email"), "the dialog");
        await hub.ready;
        const type = async (field, text) => {
          const input = await until(() => hub.querySelector(field), field);
          input.value = text;
          input.dispatchEvent(new window.Event("input", { bubbles: true }));
        };
        await type("#realName", "A Reader");
        await type("#email", given[0]);
        const forward = hub.querySelector("account-hub-footer #forward");
        await until(() => !forward.disabled, "the first step");
        forward.click();
        await until(() => !hub.querySelector("#emailConfigFoundSubview").hidden && hub.querySelector("#incomingHost")?.textContent, "settings");
        hub.querySelector(`#protocolForm input[value=${given[1]}]`).click();
        const text = id => hub.querySelector(id).textContent;
        return [text("#incomingHost"), text("#incomingPort"), text("#incomingUsername"), text("#outgoingPort")];
        """;

    /// <summary>Takes what was found, types the password, and waits for the account.</summary>
    private const string Finish = """
        const hub = Services.wm.getMostRecentWindow("mail:3pane").document.querySelector("account-hub-container").modal.querySelector("account-hub-email");
        const forward = hub.querySelector("account-hub-footer #forward");
        await until(() => !forward.disabled, "the second step");
        forward.click();
        const password = await until(() => !hub.querySelector("#emailPasswordSubview").hidden && hub.querySelector("#emailPasswordSubview #password"), "the password");
        password.value = given[0];
        password.dispatchEvent(new (Services.wm.getMostRecentWindow("mail:3pane").Event)("input", { bubbles: true }));
        await until(() => !forward.disabled, "the third step");
        forward.click();
        await until(() => !hub.querySelector("#emailAddedSuccessSubview").hidden, "the account");
        """;

    [Fact]
    public async Task Name_address_and_password_are_enough()
    {
        ExternalProgram.Require("thunderbird", "xvfb-run");
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(4));
        CancellationToken ct = limit.Token;
        string user = server.NewUser(), other = server.NewUser();
        await server.DeliverAsync(user, "From: a@example.test\r\nSubject: by IMAP\r\n\r\nx\r\n");
        await server.DeliverAsync(other, "From: a@example.test\r\nSubject: by POP3\r\n\r\nx\r\n.y\r\n");
        await using RunningThunderbird thunderbird = await RunningThunderbird.StartWithoutAccountAsync(server, ct);

        await SetUpAsync(thunderbird, user, "imap", server.Imaps, ct);
        await thunderbird.RunAsync(
            """
            const reader = MailServices.accounts.accounts.find(a => a.incomingServer.type == "imap").incomingServer;
            reader.performExpand(null);
            const box = await until(() => reader.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox), "INBOX");
            box.updateFolder(null);
            await until(() => message(box, "by IMAP"), "the message");
            """, ct);
        await thunderbird.PhotographAsync("imap-read", ct);

        await SetUpAsync(thunderbird, other, "pop3", server.Pop3s, ct);
        await thunderbird.RunAsync(
            """
            const reader = MailServices.accounts.accounts.find(a => a.incomingServer.type == "pop3").incomingServer;
            const box = reader.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
            MailServices.pop3.GetNewMail(null, null, box, reader.QueryInterface(Ci.nsIPop3IncomingServer));
            await until(() => message(box, "by POP3"), "the message");
            if (!reader.leaveMessagesOnServer)
              throw new Error("it does not leave messages on the server");
            MailServices.pop3.GetNewMail(null, null, box, reader);
            await until(() => !reader.serverBusy, "the second look");
            if (messages(box).length != 1)
              throw new Error("the message came twice");
            """, ct);
        await thunderbird.PhotographAsync("pop3-read", ct);
        Assert.Single(server.StoredMessages(other));
    }

    private static async Task SetUpAsync(RunningThunderbird thunderbird, string user, string protocol, int port, CancellationToken ct)
    {
        string address = $"{user}@example.test";
        JsonElement found = await thunderbird.RunAsync(Ask, ct, address, protocol);
        await thunderbird.PhotographAsync(protocol + "-found", ct);
        Assert.Equal(["localhost", $"{port}", address], found.EnumerateArray().Take(3).Select(static text => text.GetString()!.Trim()));
        await thunderbird.RunAsync(Finish, ct, InteropServer.PasswordOf(address));
        await thunderbird.PhotographAsync(protocol + "-done", ct);
        await thunderbird.RunAsync("""Services.wm.getMostRecentWindow("mail:3pane").document.querySelector("account-hub-container").modal.querySelector("account-hub-footer #forward").click();""", ct);
    }
}
