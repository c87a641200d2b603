using System.Text;
using FullStack.Imap.Threading;
using FullStack.Mime;

namespace FullStack.Unit.Imap.Threading;

/// <summary>Messages are written <c>id subject: references</c>; the n-th is number n, sent at second n.</summary>
public sealed class ThreadTests
{
    [Theory]
    [InlineData("(1)(2)", "a x:", "b y:")]
    [InlineData("(1 2 3)", "a x:", "b x: a", "c x: a b")]
    [InlineData("(1 (2)(3))", "a x:", "b x: a", "c x: a")]
    [InlineData("(2 1)", "b x: a", "a x:")]
    [InlineData("(1 2)", "a x:", "b y: missing a")]
    [InlineData("((1)(2))", "a x: missing", "b y: missing")]
    [InlineData("(1)", "a x: m1 m2 m3")]
    [InlineData("((1)(2))", "a x: m1 m2 m3", "b y: m1 m2")]
    [InlineData("(1 3)(2)", "a x:", "a y:", "b z: a")]
    [InlineData("(1)(2)(3)", "- x:", "- y:", "- z:")]
    [InlineData("(1)", "a x: a")]
    [InlineData("(2 1)", "a x: b", "b y: a")]
    [InlineData("(2 3 1)", "a x: b c", "b y: c a", "c z: a b")]
    public void References_make_threads(string expected, params string[] messages)
    {
        Assert.Equal(expected, Shown(Make(ThreadAlgorithm.References, messages)));
    }

    [Theory]
    [InlineData("(1 2)", "a x:", "b Re:x:")]
    [InlineData("(2 1)", "b Re:x:", "a x:")]
    [InlineData("((1)(2))", "a x:", "b x:")]
    [InlineData("((1)(2)(3))", "a x:", "b x:", "c x:")]
    [InlineData("((1)(2))", "a Re:x:", "b Re:x:")]
    [InlineData("((1)(2)(3))", "a x: m", "b y: m", "c x:")]
    [InlineData("((1)(2)(3)(4))", "a x: m", "b y: m", "c x: n", "d z: n")]
    [InlineData("(1 (2)(3))", "a x:", "b Re:x:", "c Fwd:x:")]
    [InlineData("(1)(2)", "a :", "b :")]
    public void Then_subjects_join_them(string expected, params string[] messages)
        => Assert.Equal(expected, Shown(Make(ThreadAlgorithm.References, messages)));

    [Theory]
    [InlineData("(1)(2)", "a x:", "b Re:x:")]
    [InlineData("(2)(1 3)", "a x:", "b y:", "c x: a")]
    [InlineData("(3)((1)(4))(2 5)", "a x: m", "b y:", "c z:", "d x: m", "e y: b")]
    public void Refs_minds_no_subjects_and_has_the_newest_last(string expected, params string[] messages)
        => Assert.Equal(expected, Shown(Make(ThreadAlgorithm.Refs, messages)));

    [Theory]
    [InlineData("(1 (3)(4))(2)", "a x:", "b y:", "c Re:x:", "d x:")]
    [InlineData("(1 2)", "a Re:x:", "b X:")]
    [InlineData("", new string[0])]
    public void Ordered_subjects_have_no_grandchildren(string expected, params string[] messages)
        => Assert.Equal(expected, Shown(OrderedSubjectThreads.Make([.. messages.Select(static (text, i) => Message(text, i).Message)])));

    /// <summary>Chains, fans and knots of a size that would end a recursion, or a walk for each link, or all memory.</summary>
    [Theory]
    [InlineData("chain")]
    [InlineData("backwards")]
    [InlineData("fan")]
    [InlineData("knot")]
    [InlineData("strangers")]
    public void No_references_take_long(string shape)
    {
        const int count = 50_000;
        ReferenceThreads threads = new(count);
        for (int i = 0; i < count; i++)
        {
            string references = shape switch
            {
                "chain" => $"n{i - 1}",
                "backwards" => $"n{i + 1}",
                "fan" => "n0",
                "knot" => $"n{(i * 7919) % count} n{(i * 104729) % count} n{count - i}",
                _ => string.Join(' ', Enumerable.Range(0, 20).Select(k => $"s{i}-{k}")),
            };
            (ThreadMessage message, MessageEnvelope envelope) = Message($"n{i} s{i}: {references}", i);
            threads.Add(message, envelope);
        }

        Stack<ThreadNode> open = new(threads.Make(ThreadAlgorithm.References));
        HashSet<int> seen = [];
        while (open.TryPop(out ThreadNode? node))
        {
            Assert.True(node.Message is null || seen.Add(node.Message.Number));
            foreach (ThreadNode child in node.Children())
                open.Push(child);
        }

        Assert.Equal(count, seen.Count);
    }

    private static IReadOnlyList<ThreadNode> Make(ThreadAlgorithm algorithm, string[] messages)
    {
        ReferenceThreads threads = new(messages.Length);
        for (int i = 0; i < messages.Length; i++)
        {
            (ThreadMessage message, MessageEnvelope envelope) = Message(messages[i], i);
            threads.Add(message, envelope);
        }

        return threads.Make(algorithm);
    }

    private static (ThreadMessage Message, MessageEnvelope Envelope) Message(string text, int index)
    {
        int colon = text.LastIndexOf(':');
        string[] head = text[..colon].Split(' ');
        BaseSubject subject = BaseSubject.Of(head[1]);
        string[] references = text[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (
            new(index + 1, index, new(subject.Text), subject.IsReplyOrForward),
            new() { MessageId = Ids(head[0] == "-" ? [] : [head[0]]), References = Ids(references) });
    }

    private static ReadOnlyMemory<byte> Ids(string[] ids) => Encoding.ASCII.GetBytes(string.Concat(ids.Select(static id => $"<{id}@x>")));

    private static string Shown(IReadOnlyList<ThreadNode> threads) => string.Concat(threads.Select(static thread => $"({Shown(thread)})"));

    private static string Shown(ThreadNode node)
    {
        string[] children = [.. node.Children().Select(Shown)];
        string below = children.Length == 1 ? children[0] : string.Concat(children.Select(static child => $"({child})"));
        return string.Join(' ', new[] { node.Message?.Number.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "", below }.Where(static part => part.Length > 0));
    }
}
