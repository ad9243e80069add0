import Foundation
import Office
import Schema
import TwoListsClient
import Wire

/// `list`, `describe`, `call`: what the server offers and any call of it, by a schema that is asked of the server or built in.
extension Session {
    func discover() async throws(Stop) -> ExitCode {
        let discovery = Discovery(session: self)
        let done: Result<ExitCode, Stop>
        do throws(Stop) { done = .success(try await discovery.run()) } catch { done = .failure(error) }
        await discovery.connection?.close(within: .milliseconds(500))
        return try done.get()
    }
}

private final class Discovery {
    private let session: Session
    private(set) var connection: DirectConnection?
    private var reader: SchemaReader?

    private var line: Invocation { session.line }
    private var isBuiltIn: Bool {
        if case .choice(1)? = line.values["schema"]?.last { true } else { false }
    }

    init(session: Session) { self.session = session }

    func run() async throws(Session.Stop) -> ExitCode {
        switch line.name {
        case .list: try await line.operands.isEmpty ? listServices() : listMethods(session.key)
        case .describe: try await describe(session.key)
        default: try await call(session.key)
        }
    }

    // MARK: The schema

    private static let builtIn = SchemaPool(
        SchemaDescriptors.base64.compactMap { Base64.decode($0) }.compactMap {
            try? FileDescriptor(reading: $0)
        })

    private func connected() async throws(Session.Stop) -> DirectConnection {
        if let connection { return connection }
        let trace = line.has("trace") ? Self.tracer(FrameText()) : nil
        let made: DirectConnection
        do throws(ClientError) {
            made = try await DirectConnection.open(
                session.client.configuration, serverIdentity: session.profile.serverIdentity, trace: trace)
        } catch {
            throw .client(error)
        }
        connection = made
        return made
    }

    private typealias Tracer = @Sendable (_ isOutgoing: Bool, FrameHeader, [UInt8]) -> Void

    private static func tracer(_ text: FrameText) -> Tracer {
        { isOutgoing, header, body in
            Output.complain(text.line(isOutgoing: isOutgoing, header, body))
        }
    }

    private func asked() async throws(Session.Stop) -> SchemaReader {
        if let reader { return reader }
        let made = SchemaReader(try await connected(), timeout: session.timeout)
        reader = made
        return made
    }

    /// What declares `symbol`.
    private func schema(of symbol: String) async throws(Session.Stop) -> SchemaPool {
        if isBuiltIn { return Self.builtIn }
        let reader = try await asked()
        do throws(ClientError) {
            if let pool = try await reader.schema(of: symbol) { return pool }
        } catch {
            throw .client(error)
        }
        throw missing(
            "服务器没有“\(Screen.clean(symbol))”", "the server has no \(Screen.clean(symbol))",
            Text("twolists list 列出服务", "twolists list shows the services"))
    }

    private func missing(_ zh: String, _ en: String, _ hint: Text) -> Session.Stop {
        Output.complain(Screen.clean(Text("\(zh)：\(hint.zh)。", "\(en): \(hint.en).")[session.language]))
        return .exit(.notFound)
    }

    // MARK: list, describe

    private func listServices() async throws(Session.Stop) -> ExitCode {
        let names: [String]
        if isBuiltIn {
            names = Self.builtIn.serviceNames
        } else {
            let reader = try await asked()
            do throws(ClientError) { names = try await reader.services() } catch { throw .client(error) }
        }
        return show(names.map { .string($0) }, names)
    }

    private func listMethods(_ service: String) async throws(Session.Stop) -> ExitCode {
        let found = try await method(service, nil).service
        return show(
            found.methods.map { .string("\(service)/\($0.name)") },
            found.methods.map { SchemaText.method($0) })
    }

    private func show(_ json: [JSON], _ lines: [String]) -> ExitCode {
        if session.wantsJSON {
            Output.out(JSON.array(json).pretty)
        } else {
            // Names come from the server: a terminal must not obey them.
            for line in lines { Output.out(Screen.clean(line)) }
        }
        return .done
    }

    private func describe(_ symbol: String) async throws(Session.Stop) -> ExitCode {
        let plain = symbol.replacing("/", with: ".")
        guard let lines = SchemaText(try await schema(of: plain)).lines(plain) else {
            throw missing(
                "没有“\(Screen.clean(symbol))”的定义", "there is no definition of \(Screen.clean(symbol))",
                Text(
                    "可查服务、方法、消息、枚举的全名",
                    "services, methods, messages and enums have one, under their full names"))
        }
        return show(lines.map { .string($0) }, lines)
    }

    // MARK: call

    private struct Target {
        var pool: SchemaPool
        var service: ServiceDescriptor
    }

    private func method(_ service: String, _ name: String?) async throws(Session.Stop) -> Target {
        let pool = try await schema(of: service)
        guard let found = pool.service(service) else {
            throw missing(
                "“\(Screen.clean(service))”不是服务", "\(Screen.clean(service)) is no service",
                Text("twolists list 列出服务", "twolists list shows the services"))
        }
        return Target(pool: pool, service: found)
    }

    private func call(_ typed: String) async throws(Session.Stop) -> ExitCode {
        guard let cut = typed.lastIndex(of: "/") ?? typed.lastIndex(of: ".") else {
            throw wrong("应写成 服务/方法", "is written SERVICE/METHOD")
        }
        let (service, name) = (String(typed[..<cut]), String(typed[typed.index(after: cut)...]))
        let metadata = try metadata()
        let target = try await method(service, name)
        guard let method = target.service.methods.first(where: { $0.name == name }) else {
            let names = target.service.methods.map(\.name).joined(separator: ", ")
            throw missing(
                "\(service) 没有方法“\(Screen.clean(name))”", "\(service) has no method \(Screen.clean(name))",
                Text("它有 \(names)", "it has \(names)"))
        }
        reader?.close()
        // Looked at before anything is sent.
        let requests = try DynamicCall.Requests(line, method, JSONReading(target.pool, method.input))
        let run = DynamicCall(
            pool: target.pool, method: method, service: service, metadata: metadata, requests: requests,
            session: session)
        return try await run.run(on: try await connected())
    }

    private func metadata() throws(Session.Stop) -> [MetadataEntry] {
        var entries: [MetadataEntry] = []
        for text in line.texts("header") {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let key = String(parts[0])
            guard parts.count == 2, !key.isEmpty,
                key.utf8.allSatisfy({
                    (0x61...0x7a).contains($0) || (0x30...0x39).contains($0)
                        || [0x2e, 0x5f, 0x2d].contains($0)
                })
            else {
                throw wrong(
                    "-H 应写成 键:值，键只能用 a-z 0-9 . _ -", "-H is written key:value, the key of a-z 0-9 . _ -")
            }
            entries.append(MetadataEntry(key: key, value: parts[1].trimmingCharacters(in: .whitespaces)))
        }
        return entries
    }

    private func wrong(_ zh: String, _ en: String) -> Session.Stop {
        .usage(UsageError(problem: Text(zh, en), command: line.name))
    }
}
