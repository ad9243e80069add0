import Foundation
import Office
import Schema
import TwoListsClient

/// One run of the program: a command line, the profile it is given as, and the client.
struct Session {
    let line: Invocation
    let language: Language
    let screen: Screen
    let profile: Profile
    let client: TwoListsClient

    var wantsJSON: Bool { line.has("json") }
    var timeout: Duration { .seconds(line.integer("timeout") ?? 20) }
    var outbox: Outbox { Outbox(folder: profile.outboxPath) }

    /// Why a command ended before it was done, in what its failure is told with.
    enum Stop: Error {
        case usage(UsageError)
        case client(ClientError)
        case file(FileError)
        /// Told already.
        case exit(ExitCode)
    }

    static func run(_ line: Invocation, language chosen: Language?) async -> ExitCode {
        let asked = chosen ?? .zh
        if line.name == .help || line.has("help") { return Help.show(line, asked) }
        if line.name == .version {
            Output.out("twolists 0.1")
            return .done
        }
        let session: Session
        do {
            session = try open(line, chosen)
        } catch let error as ProfileError {
            Output.complain(error.text(asked))
            return .localFile
        } catch let error as ClientError {
            return Output.failure(error, language: asked)
        } catch {
            Output.complain("\(error)")
            return .internal
        }
        defer { session.client.close() }
        return await session.perform()
    }

    private static func open(_ line: Invocation, _ chosen: Language?) throws -> Session {
        let profile = try ProfileFinder().load(line.text("profile"))
        let language = chosen ?? profile.language ?? .zh
        if let warning = ProfileFinder.keyWarning(profile, language) { Output.complain(warning) }
        let configuration = ClientConfiguration(
            host: profile.host, port: profile.port, serverIdentity: profile.serverIdentity,
            certificatePath: profile.certificatePath, keyPath: profile.keyPath, authorityPath: profile.caPath,
            timeout: .seconds(line.integer("timeout") ?? 20))
        return Session(
            line: line, language: language, screen: .standardOutput(language: language), profile: profile,
            client: try TwoListsClient(configuration))
    }

    private func perform() async -> ExitCode {
        do throws(Stop) {
            if line.name.isMutating { return try await mutate() }
            return try await carryOut()
        } catch {
            switch error {
            case .usage(let error): return Output.usage(error, language: language)
            case .client(let error): return Output.failure(error, language: language)
            case .file(let error):
                Output.complain(error.text(language))
                return .localFile
            case .exit(let code): return code
            }
        }
    }

    private func carryOut() async throws(Stop) -> ExitCode {
        switch line.name {
        case .requestList: try await listRequests()
        case .requestShow: try await showRequest()
        case .requestHistory: try await history(ofCase: false)
        case .caseList: try await listCases()
        case .caseShow: try await showCase()
        case .caseHistory: try await history(ofCase: true)
        case .watch: try await watch()
        case .health: try await health()
        case .whoami: try await whoAmI()
        case .parties: try await parties()
        case .codes: try await codes()
        case .outboxList: listOutbox()
        case .outboxRetry: try await retryOutbox()
        case .outboxDiscard: try discardFromOutbox()
        case .send: try await sendFile(asImport: false)
        case .import: try await sendFile(asImport: true)
        default: Help.show(line, language)
        }
    }

    // MARK: Shared

    /// One call, its error turned into ours.
    func call<Value>(
        _ body: () async throws(ClientError) -> Value
    ) async throws(Stop) -> Value {
        do throws(ClientError) { return try await body() } catch { throw .client(error) }
    }

    /// Prints lines with the notice every screen carries, or JSON.
    func show(_ json: JSON, _ lines: [String]) -> ExitCode {
        if wantsJSON {
            Output.out(json.pretty)
        } else {
            var page = Page()
            page.add(lines)
            Output.out(page.text(on: screen))
        }
        return .done
    }

    var key: String { line.operands.first ?? "" }
}

/// Help: from the command table alone.
enum Help {
    static func show(_ line: Invocation, _ language: Language) -> ExitCode {
        let text = HelpText(language)
        let wanted =
            line.name == .help ? CommandName(rawValue: line.operands.joined(separator: " ")) : line.name
        let lines = wanted.map { text.command(CommandTable.spec($0)) } ?? text.overview()
        Output.out(lines.joined(separator: "\n"))
        return .done
    }
}
