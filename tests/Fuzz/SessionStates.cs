using FullStack.Harness.Clients;
using FullStack.Server;

namespace FullStack.Fuzz;

/// <summary>The states a session can be in when the client goes wrong.</summary>
internal sealed class SessionStates(ListenerProtocol protocol)
{
    /// <summary>Brings a fresh connection into a state chosen at random.</summary>
    /// <returns>The state's name.</returns>
    public async Task<string> EnterAsync(LineClient client, Random random)
    {
        SessionOpener opener = new(client, protocol);
        int choice = random.Next(4);
        if (choice == 0 && protocol is ListenerProtocol.Smtp or ListenerProtocol.Submission or ListenerProtocol.Lmtp)
        {
            await opener.ReadSmtpReplyAsync("220");
            return "before EHLO";
        }

        await opener.ReadGreetingAsync();
        if (choice == 0 || (choice == 1 && protocol == ListenerProtocol.Submission))
            return "greeted";
        if (protocol is not (ListenerProtocol.Smtp or ListenerProtocol.Lmtp))
            await opener.LogInAsync(protocol == ListenerProtocol.Pop3 ? "bob" : "alice");
        return protocol switch
        {
            ListenerProtocol.Imap => await EnterImapAsync(client, choice),
            ListenerProtocol.Pop3 => "transaction",
            _ => await EnterSmtpAsync(client, opener, choice),
        };
    }

    private static async Task<string> EnterImapAsync(LineClient client, int choice)
    {
        if (choice == 1)
            return "logged in";
        string command = choice == 2 ? "SELECT" : "EXAMINE";
        await client.SendLineAsync($"state {command} INBOX");
        await client.ReadLinesAsync(static line => line.StartsWith("state ", StringComparison.Ordinal));
        return command == "SELECT" ? "selected" : "examined";
    }

    private static async Task<string> EnterSmtpAsync(LineClient client, SessionOpener opener, int choice)
    {
        if (choice == 1)
            return "EHLO said";
        await client.SendLineAsync("MAIL FROM:<alice@example.test>");
        await opener.ReadSmtpReplyAsync("250");
        await client.SendLineAsync("RCPT TO:<bob@example.test>");
        await opener.ReadSmtpReplyAsync("250");
        if (choice == 2)
            return "recipient given";
        await client.SendLineAsync("DATA");
        await opener.ReadSmtpReplyAsync("354");
        return "in DATA";
    }
}
