import Bureau
import CLinux
import Crypto
import Exchange
import Foundation
import Journal
import RPC
import Wire

/// `filing-server --certs DIR --data DIR --seeds DIR`: the bureau on a fresh store, or on one that an earlier run left, checkpoints signed, as
/// `twolists-server` runs it.
enum FilingServer {
    static func run(_ options: Options) throws {
        clinux_tune_allocator()
        let directory = try required(options, "data")
        let store = try store(directory, seeds: options.text("seeds") ?? "seeds")
        let trust = try TrustStore.load(caPath: try required(options, "certs") + "/ca.crt", crlPath: nil)
        let processor = options.text("engine-cpu").flatMap { Int32($0) }
        let bureau = try Bureau.start(
            store, signatures: SignatureTrust(trust), engineProcessor: processor
        ) { error in
            FileHandle.standardError.write(Data("filing-server: \(error)\n".utf8))
            _exit(74)
        }
        var configuration = ServerConfiguration()
        configuration.port = UInt16(options.count("port", 0))
        configuration.engineProcessor = processor
        let server = try Server(
            configuration, context: try Certificates(options).context(.server), services: bureau.services,
            admit: { bureau.admission.refusal(for: $0) })
        Output.line(JSONLine.text([("listening", Int(server.port))]))
        while true { sleep(3600) }
    }

    static func store(_ directory: String, seeds: String) throws -> Store {
        let storage = try FileStorage.make(path: directory)
        let keys = try FileStorage.make(path: directory + "/keys")
        var settings = JournalOptions(city: "421300")
        let key = try PrivateKey.generate()
        let fingerprint = Digest(of: key.publicKey.der)
        settings.signer = try CheckpointSigning.signer(key: key, fingerprint: fingerprint)
        guard try storage.list().isEmpty else {
            return try Store.open(storage, keys: keys, options: settings)
        }
        try Journal.format(storage, keys: keys, settings)
        _ = try SeedLoader.fill(storage, keys: keys, options: settings, commands: try seedFiles(seeds))
        return try Store.open(storage, keys: keys, options: settings)
    }

    static func seedFiles(_ folder: String) throws -> [SeedCommand] {
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return try seedCommands(
            try names.filter { $0.hasSuffix(".csv") }.map { name in
                SeedFile(path: name, text: try String(contentsOfFile: folder + "/" + name, encoding: .utf8))
            })
    }

    static func required(_ options: Options, _ name: String) throws -> String {
        guard let value = options.text(name) else { throw BenchError("--\(name) DIR is missing") }
        return value
    }
}
