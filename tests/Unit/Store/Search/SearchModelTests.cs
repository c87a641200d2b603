using FullStack.Mime;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Search;

namespace FullStack.Unit.Store.Search;

/// <summary>Searches find what a naive search finds: without the text index, with a part of the messages in it, and with all.</summary>
public sealed class SearchModelTests
{
    private const int Needles = 40;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Generated_mail_is_found_alike_with_and_without_index(int seed)
    {
        Random random = new(seed);
        await CheckAsync([.. Enumerable.Range(0, 64).Select(_ => SearchSamples.Generate(random))], random);
    }

    [Fact]
    public async Task Real_mail_is_found_alike_with_and_without_index()
    {
        Random random = new(20261122);
        byte[][] real = [.. SearchSamples.Real];
        random.Shuffle(real);
        await CheckAsync(real[..90], random);
    }

    private static async Task CheckAsync(byte[][] messages, Random random)
    {
        await using TempStore temp = new(change: static options => options with { SearchIndex = true });
        Account account = await temp.AccountAsync();
        NaiveSearch[] naive = [.. messages.Select(static message => new NaiveSearch(message))];
        MessageQuery.Contains[] questions = [.. Enumerable.Range(0, Needles).Select(_ => Draw(naive, random))];
        int half = messages.Length / 2;
        await AppendAsync(temp, account, messages[..half]);
        using (MailboxView view = await TempStore.OpenAsync(account))
        {
            await AskAsync(view, naive[..half], questions, random);
            await account.Texts.FillAsync([account.Mailboxes.Opened(MailboxName.Inbox)!], TempStore.Ct);
            await AskAsync(view, naive[..half], questions, random);
        }

        await AppendAsync(temp, account, messages[half..]);
        using (MailboxView view = await TempStore.OpenAsync(account))
        {
            await AskAsync(view, naive, questions, random);
            await account.Texts.FillAsync([account.Mailboxes.Opened(MailboxName.Inbox)!], TempStore.Ct);
            await AskAsync(view, naive, questions, random);
        }
    }

    private static async Task AppendAsync(TempStore temp, Account account, byte[][] messages)
    {
        foreach (byte[] message in messages)
        {
            await using StagedMessage staged = await temp.StageAsync(message);
            Assert.True((await account.AppendAsync(MailboxName.Inbox, staged, MessageFlags.None, null, TempStore.Ct)).Ok);
        }
    }

    private static async Task AskAsync(MailboxView view, NaiveSearch[] naive, MessageQuery.Contains[] questions, Random random)
    {
        foreach (MessageQuery.Contains question in questions)
        {
            int[] expected = [.. Enumerable.Range(1, naive.Length).Where(number => naive[number - 1].Has(question))];
            Assert.Equal(expected, await FindAsync(view, question, SearchExtent.All));
            Assert.Equal(expected.Take(1), await FindAsync(view, question, SearchExtent.First));
            Assert.Equal(expected.TakeLast(1), await FindAsync(view, question, SearchExtent.Last));
        }

        for (int i = 0; i < questions.Length; i++)
        {
            MessageQuery.Contains one = questions[random.Next(questions.Length)], two = questions[random.Next(questions.Length)];
            (MessageQuery query, Func<NaiveSearch, bool> has) = (i % 4) switch
            {
                0 => ((MessageQuery)new MessageQuery.And([one, new MessageQuery.Not(two)]), (Func<NaiveSearch, bool>)(m => m.Has(one) && !m.Has(two))),
                1 => (new MessageQuery.Or(one, two), m => m.Has(one) || m.Has(two)),
                2 => (new MessageQuery.And([one, two]), m => m.Has(one) && m.Has(two)),
                _ => (new MessageQuery.Not(new MessageQuery.Or(one, two)), m => !m.Has(one) && !m.Has(two)),
            };
            int[] expected = [.. Enumerable.Range(1, naive.Length).Where(number => has(naive[number - 1]))];
            Assert.Equal(expected, await FindAsync(view, query, SearchExtent.All));
            Assert.Equal(expected.Length < 2 ? expected : [expected[0], expected[^1]], await FindAsync(view, query, SearchExtent.FirstAndLast));
        }
    }

    private static async Task<IReadOnlyList<int>> FindAsync(MailboxView view, MessageQuery query, SearchExtent extent)
    {
        SearchOutcome outcome = await view.SearchAsync(query, extent, TempStore.Ct);
        Assert.Equal(StoreError.None, outcome.Error);
        return outcome.Numbers;
    }

    /// <summary>A text cut out of some message, of any length and place, its case changed; now and then one that is nowhere.</summary>
    private static MessageQuery.Contains Draw(NaiveSearch[] naive, Random random)
    {
        IReadOnlyList<string> texts = naive[random.Next(naive.Length)].Texts;
        string text = texts[random.Next(texts.Count)];
        int from = random.Next(text.Length + 1), length = Math.Min(random.Next(12) == 0 ? random.Next(20_000) : random.Next(1, 14), text.Length - from);
        string needle = text.Substring(from, length);
        needle = random.Next(3) switch { 0 => needle.ToUpperInvariant(), 1 => needle.ToLowerInvariant(), _ => needle };
        if (random.Next(10) == 0)
            needle += "qxz";
        return random.Next(9) switch
        {
            0 => new(TextField.Subject, "", new(needle)),
            1 => new(TextField.From, "", new(needle)),
            2 => new(TextField.To, "", new(needle)),
            3 => new(TextField.Header, "X-Note", new(random.Next(2) == 0 ? "" : needle)),
            4 => new(TextField.Header, "Received", new(needle)),
            5 or 6 => new(TextField.Body, "", new(needle)),
            _ => new(TextField.Text, "", new(needle)),
        };
    }
}
