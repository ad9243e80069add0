import Crypto
import Foundation
import Office
import Schema
import Synchronization
import TwoListsClient

/// The live board on a terminal: the raw terminal, keys, the window's size and the calls around `Board`, which decides everything.
extension Session {
    func board() async throws(Stop) -> ExitCode {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw .usage(
                UsageError(
                    problem: Text("看板需要在终端窗口中运行", "the board needs a terminal"),
                    hint: Text(
                        "脚本请用 twolists watch 或 twolists request list --json",
                        "scripts use twolists watch or twolists request list --json"),
                    command: line.name))
        }
        let party = try await call { () async throws(ClientError) in try await client.whoAmI(timeout: timeout)
        }
        let (inputs, feed) = AsyncStream.makeStream(of: Board.Input.self)
        BoardNews.shared.begin(feed, language)
        defer { BoardNews.shared.end() }
        let terminal = RawTerminal()
        let sources = terminal.begin(feed)
        defer {
            for source in sources { source.cancel() }
            terminal.end()
        }
        let watching = Task { await watch(into: feed) }
        defer { watching.cancel() }
        await run(inputs, feed, title: party.partyName, size: RawTerminal.size())
        return .done
    }

    private func run(
        _ inputs: AsyncStream<Board.Input>, _ feed: AsyncStream<Board.Input>.Continuation, title: String,
        size: (columns: Int, rows: Int)
    ) async {
        var board = Board(columns: size.columns, rows: size.rows)
        let text = BoardText(screen, title: title)
        var painter = FramePainter()
        func carryOut(_ actions: [Board.Action]) -> Bool {
            for action in actions {
                switch action {
                case .quit: return false
                case .draw, .redraw:
                    Output.raw(painter.paint(text.frame(board), whole: action == .redraw))
                case .fetch(let target): fetch(target, into: feed)
                case .load: load(into: feed)
                }
            }
            return true
        }
        guard carryOut(Board.begin) else { return }
        for await input in inputs {
            guard carryOut(board.take(input)) else { return }
        }
    }

    // MARK: Calls

    private func load(into feed: AsyncStream<Board.Input>.Continuation) {
        Task {
            var query = ListRequestsQuery(
                states: RequestState.ofOpenRequests, pageSize: 200)
            var found: [RequestSummary] = []
            do throws(ClientError) {
                repeat {
                    let page = try await client.requests(query)
                    found += page.requests
                    query.cursor = page.nextCursor
                } while !query.cursor.isEmpty && found.count <= Board.mostItems
                feed.yield(.loaded(found, more: !query.cursor.isEmpty))
            } catch {
                feed.yield(.news(error.failureText.lines(language).first ?? "", isLost: true))
            }
        }
    }

    /// Any refusal means that it is not to be seen; a lost line is told by itself, and everything is read again after it.
    private func fetch(_ target: [UInt8], into feed: AsyncStream<Board.Input>.Continuation) {
        Task {
            let view = try? await client.request(
                Hex.encode(target))
            feed.yield(.fetched(target, view?.summary))
        }
    }

    private func watch(into feed: AsyncStream<Board.Input>.Continuation) async {
        var changes = client.watch().makeAsyncIterator()
        while !Task.isCancelled {
            do throws(ClientError) {
                guard let change = try await changes.next() else { break }
                feed.yield(.changed(change))
            } catch {
                feed.yield(.news(error.failureText.lines(language).first ?? "", isLost: true))
                break
            }
        }
    }
}

/// What the client says of its connection goes to the board while there is one, and to standard error otherwise.
final class BoardNews: Sendable {
    static let shared = BoardNews()
    private let state = Mutex<(feed: AsyncStream<Board.Input>.Continuation, news: ConnectionNews)?>(nil)

    func begin(_ feed: AsyncStream<Board.Input>.Continuation, _ language: Language) {
        state.withLock { $0 = (feed, ConnectionNews(language, tellsOfLosses: true)) }
    }

    func end() { state.withLock { $0 = nil } }

    /// False when no board is shown.
    func tell(_ event: ClientEvent) -> Bool {
        guard let (feed, news) = state.withLock({ $0 }) else { return false }
        switch event {
        case .connected: feed.yield(.back)
        case .disconnected: feed.yield(.news(news.line(event) ?? "", isLost: true))
        default: if let line = news.line(event) { feed.yield(.news(line, isLost: false)) }
        }
        return true
    }
}

/// The terminal, raw, with its keys and its size as inputs. Given back as it was, whatever ends the board.
final class RawTerminal: Sendable {
    private let saved = Mutex<termios?>(nil)
    private let queue = DispatchQueue(label: "terminal")
    private let keys = Mutex(KeyReader())

    static func size() -> (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// What it answers listens until it is cancelled.
    func begin(_ feed: AsyncStream<Board.Input>.Continuation) -> [any DispatchSourceProtocol] {
        var mode = termios()
        if tcgetattr(STDIN_FILENO, &mode) == 0 {
            let before = mode
            saved.withLock { $0 = before }
            cfmakeraw(&mode)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode)
        }
        Output.raw(FramePainter.enter)
        return listen(feed)
    }

    func end() {
        Output.raw(FramePainter.leave)
        if var mode = saved.withLock({ $0 }) { tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode) }
    }

    private func listen(_ feed: AsyncStream<Board.Input>.Continuation) -> [any DispatchSourceProtocol] {
        let input = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: queue)
        input.setEventHandler { [self] in read(feed) }
        signal(SIGWINCH, SIG_IGN)
        let window = DispatchSource.makeSignalSource(signal: SIGWINCH, queue: queue)
        window.setEventHandler {
            let size = Self.size()
            feed.yield(.resized(columns: size.columns, rows: size.rows))
        }
        // Raw, Ctrl-C is a byte; a signal from elsewhere must not leave the terminal raw.
        let ends = [SIGTERM, SIGHUP, SIGINT].map { number in
            signal(number, SIG_IGN)
            let end = DispatchSource.makeSignalSource(signal: number, queue: queue)
            end.setEventHandler { feed.yield(.key(.quit)) }
            return end
        }
        let sources: [any DispatchSourceProtocol] = [input, window] + ends
        for source in sources { source.resume() }
        return sources
    }

    private func read(_ feed: AsyncStream<Board.Input>.Continuation) {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = Glibc.read(STDIN_FILENO, &bytes, bytes.count)
        guard count > 0 else {
            feed.yield(.key(.quit))
            return
        }
        for key in keys.withLock({ $0.take(bytes.prefix(count)) }) { feed.yield(.key(key)) }
        // An escape that nothing follows for a moment is the key.
        queue.asyncAfter(deadline: .now() + .milliseconds(50)) { [self] in
            for key in keys.withLock({ $0.idle() }) { feed.yield(.key(key)) }
        }
    }
}
