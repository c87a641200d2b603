using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Store;

/// <summary>
/// Random work of sessions, deliveries, restarts, crashes and another program on two mailboxes, against sets of messages that
/// are only sets. <c>MODEL_RUNS</c> says how many runs.
/// </summary>
public sealed class SharedMailboxTests
{
    private static readonly string[] s_mailboxes = ["INBOX", "Other"];
    private static readonly string[] s_keywords = ["Work", "$Junk", "later"];

    private static CancellationToken Ct => TempStore.Ct;

    /// <summary>One step.</summary>
    /// <param name="Kind">What is done.</param>
    /// <param name="Mailbox">In which of the two mailboxes.</param>
    /// <param name="Pick">With which message.</param>
    /// <param name="Value">With which flags.</param>
    internal sealed record Step(int Kind, int Mailbox, int Pick, int Value);

    [Theory]
    [EachFormat]
    public void Mailboxes_hold_what_sessions_deliveries_and_another_program_put_there(StoreFormat format)
    {
        int runs = int.TryParse(Environment.GetEnvironmentVariable("MODEL_RUNS"), out int wanted) ? wanted : 150;
        Gen<Step[]> steps = Gen.ArrayOf(
            from kind in Gen.Choose(0, 21)
            from mailbox in Gen.Choose(0, 1)
            from pick in Gen.Choose(0, 30)
            from value in Gen.Choose(0, 63)
            select new Step(kind, mailbox, pick, value));
        Prop.ForAll(steps.ToArbitrary(), run => RunAsync(run, format).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(runs).WithEndSize(50));
    }

    private static async Task RunAsync(Step[] steps, StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Assert.True((await (await temp.AccountAsync()).CreateAsync(TempStore.Box("Other"), SpecialUse.None, Ct)).Ok);
        World world = new(temp);
        foreach (Step step in steps)
            await world.TakeAsync(step);
        await world.CompareAsync();
        await temp.CheckAsync();
        await temp.ReopenAsync();
        await world.CompareAsync();
        await temp.CheckAsync();
    }

    /// <summary>What one message is to have.</summary>
    private sealed record Message(SystemFlags Flags, string Keywords);

    private sealed class World(TempStore temp)
    {
        private readonly Dictionary<string, Message>[] _model = [[], []];
        private readonly Dictionary<(int Mailbox, uint Validity, uint Uid), string> _named = [];
        private int _next;

        public async Task TakeAsync(Step step)
        {
            Dictionary<string, Message> messages = _model[step.Mailbox];
            string? picked = messages.Count == 0 ? null : messages.Keys.Order(StringComparer.Ordinal).ElementAt(step.Pick % messages.Count);
            switch (step.Kind)
            {
                case <= 2:
                    await AddAsync(step);
                    break;
                case 20:
                    await temp.ReopenAsync(crash: step.Value % 2 == 0);
                    break;
                case 21:
                    await CompareAsync();
                    break;
                case >= 14 and <= 19:
                    await OutsideAsync(step, picked);
                    break;
                default:
                    if (picked is not null)
                        await ChangeAsync(step, picked);
                    break;
            }
        }

        /// <summary>Each mailbox has the messages of the model, with their flags, under UIDs that never meant another message.</summary>
        public async Task CompareAsync()
        {
            Account account = await temp.AccountAsync();
            for (int i = 0; i < s_mailboxes.Length; i++)
            {
                using MailboxView view = await TempStore.OpenAsync(account, s_mailboxes[i], readOnly: i == 0);
                Dictionary<string, Message> found = [];
                uint last = 0;
                for (int number = 1; number <= view.Count; number++)
                {
                    Uid uid = view.UidOf(number);
                    Assert.True(uid.Value > last);
                    last = uid.Value;
                    string subject = await SubjectAsync(view, uid);
                    if (!_named.TryAdd((i, view.UidValidity.Value, uid.Value), subject))
                        Assert.Equal(subject, _named[(i, view.UidValidity.Value, uid.Value)]);
                    MessageEntry entry = view.Entry(number)!;
                    found.Add(subject, new(entry.Flags, string.Join(' ', entry.Keywords)));
                }

                Assert.True(last < view.UidNext.Value);
                Assert.Equal(_model[i].OrderBy(static m => m.Key, StringComparer.Ordinal), found.OrderBy(static m => m.Key, StringComparer.Ordinal));
            }
        }

        private async Task AddAsync(Step step)
        {
            string subject = $"m{_next++}";
            if (step.Kind == 0)
            {
                Assert.True((await temp.DeliverAsync(subject)).Ok);
                _model[0].Add(subject, new(SystemFlags.None, ""));
                return;
            }

            Message message = new((SystemFlags)(step.Value & 31), step.Kind == 2 ? s_keywords[step.Value % 3] : "");
            await temp.AppendAsync(
                await temp.AccountAsync(), s_mailboxes[step.Mailbox], subject, new(message.Flags, message.Keywords.Length == 0 ? [] : [message.Keywords]));
            _model[step.Mailbox].Add(subject, message);
        }

        private async Task ChangeAsync(Step step, string picked)
        {
            Dictionary<string, Message> messages = _model[step.Mailbox];
            MailboxName other = TempStore.Box(s_mailboxes[1 - step.Mailbox]);
            using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync(), s_mailboxes[step.Mailbox]);
            UidSet uids = UidSet.Of(await FindAsync(view, picked));
            SystemFlags flags = (SystemFlags)(step.Value & 31);
            switch (step.Kind)
            {
                case 3 or 4:
                    Assert.True((await view.StoreFlagsAsync(uids, new(FlagOperation.Replace, new(flags, [s_keywords[step.Value % 3]])), null, false, Ct)).Ok);
                    messages[picked] = new(flags, s_keywords[step.Value % 3]);
                    break;
                case 5 or 6:
                    Assert.True((await view.StoreFlagsAsync(uids, new(FlagOperation.Add, new(flags, [])), null, false, Ct)).Ok);
                    messages[picked] = messages[picked] with { Flags = messages[picked].Flags | flags };
                    break;
                case 7 or 8:
                    Assert.True((await view.ExpungeAsync(uids, Ct)).Ok);
                    if (messages[picked].Flags.HasFlag(SystemFlags.Deleted))
                        messages.Remove(picked);
                    break;
                case 9:
                    Assert.True((await view.ExpungeAsync(UidSet.All, Ct)).Ok);
                    foreach (string gone in messages.Where(static m => m.Value.Flags.HasFlag(SystemFlags.Deleted)).Select(static m => m.Key).ToList())
                        messages.Remove(gone);
                    break;
                case 10:
                    // The model knows messages by their subjects, so the copy may not stay beside the message for long.
                    CopyOutcome copied = (await view.CopyAsync(uids, other, Ct)).Value;
                    using (MailboxView target = await TempStore.OpenAsync(await temp.AccountAsync(), other.Text))
                    {
                        Assert.Equal(picked, await SubjectAsync(target, Assert.Single(copied.Target)));
                        Assert.True((await target.StoreFlagsAsync(UidSet.Of(copied.Target[0]), new(FlagOperation.Add, new(SystemFlags.Deleted, [])), null, true, Ct)).Ok);
                        Assert.True((await target.ExpungeAsync(UidSet.Of(copied.Target[0]), Ct)).Ok);
                    }

                    break;
                default:
                    Assert.Single((await view.MoveAsync(uids, other, Ct)).Value.Target);
                    messages.Remove(picked, out Message? moved);
                    _model[1 - step.Mailbox].Add(picked, moved!);
                    break;
            }
        }

        /// <summary>The store learns of it because its views catch up, or because nothing is open.</summary>
        private async Task OutsideAsync(Step step, string? picked)
        {
            string mailbox = s_mailboxes[step.Mailbox];

            // Two changes of flags, seen as one, may look as if nothing but the letter of a keyword had gone; flags that are changed in place where
            // an mbox grows before anybody looks are found at the next look at all (docs/limits.md).
            bool isSeen = step.Value % 2 == 0
                || picked is not null && step.Kind >= 17 && (temp.Format == StoreFormat.Mbox || _model[step.Mailbox][picked].Keywords.Length > 0);
            using MailboxView? open = isSeen ? await TempStore.OpenAsync(await temp.AccountAsync(), mailbox) : null;
            if (step.Kind <= 15 || picked is null)
            {
                string subject = $"m{_next++}";
                temp.Outsider.Add(mailbox, subject);
                _model[step.Mailbox].Add(subject, new(SystemFlags.None, ""));
            }
            else if (step.Kind == 16)
            {
                temp.Outsider.Remove(mailbox, picked);
                _model[step.Mailbox].Remove(picked);
            }
            else
            {
                SystemFlags flags = (SystemFlags)(step.Value & 31);
                temp.Outsider.SetFlags(mailbox, picked, flags);
                _model[step.Mailbox][picked] = _model[step.Mailbox][picked] with { Flags = flags };
            }

            if (open is not null)
                await open.CatchUpAsync();
        }

        private static async Task<Uid> FindAsync(MailboxView view, string subject)
        {
            for (int number = 1; number <= view.Count; number++)
            {
                if (await SubjectAsync(view, view.UidOf(number)) == subject)
                    return view.UidOf(number);
            }

            throw new InvalidOperationException($"{subject} is not in the view");
        }

        private static async Task<string> SubjectAsync(MailboxView view, Uid uid)
        {
            string text = Encoding.ASCII.GetString(await TempStore.ReadAsync(view, uid));
            int start = text.IndexOf("Subject: ", StringComparison.Ordinal) + 9;
            return text[start..text.IndexOf('\r', start)];
        }
    }
}
