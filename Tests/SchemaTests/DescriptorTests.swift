import Schema
import Testing
import Wire

@Suite("Issue 3.2: the descriptors that the server hands out")
struct DescriptorTests {
    private func files() throws -> [FileDescriptor] {
        try SchemaDescriptors.base64.map { try FileDescriptor(reading: try #require(Base64.decode($0))) }
    }

    @Test("each file comes after what it imports, and none is missing")
    func imports() throws {
        var known: Set<String> = []
        for file in try files() {
            #expect(file.dependencies.allSatisfy { known.contains($0) }, "\(file.name)")
            #expect(file.comments.isEmpty, "\(file.name) has comments")
            known.insert(file.name)
        }
    }

    @Test(
        "every message that is generated into Wire and Schema is told, but for the events; services and methods too"
    )
    func complete() throws {
        let files = try files()
        var told: Set<String> = []
        func add(_ message: MessageDescriptor, _ name: String) {
            told.insert(name)
            for inner in message.messages { add(inner, "\(name).\(inner.name)") }
        }
        for file in files { for message in file.messages { add(message, file.fullName(message.name)) } }
        let names = (WireCatalogue.messages + SchemaCatalogue.messages).map { $0.protoName }
        #expect(names.count > 80)
        for name in names {
            #expect(
                told.contains(name) == !name.hasPrefix("twolists.event."), "\(name): run Protocol/generate.sh"
            )
        }
        let services = files.flatMap { file in file.services.map { file.fullName($0.name) } }
        for name in [
            ExchangeService.name, LedgerService.name, "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
        ] { #expect(services.contains(name), "\(name)") }
    }
}
