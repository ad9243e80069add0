import Bureau
import Crypto
import Exchange
import Journal
import Schema

/// `init`: a new store, filled with the city's seeds. The seeds are judged like any command and journaled with the operator
/// as their actor, so that a replay gives the same roster and tables on any day.
enum InitCommand {
    static func run(_ arguments: [String]) throws -> Int32 {
        let options = try ServerCommand.initialise.options(arguments)
        guard !options.has("--crl") || options.has("--ca") else {
            throw Options.Wrong(description: "--crl needs --ca: whose list it is")
        }
        var commands = try SeedFiles.read(options.required("--seeds"))
        guard let city = SeedFiles.city(of: commands) else {
            throw Options.Wrong(description: "the seeds configure no city (city.csv)")
        }
        var settings = JournalOptions(city: city)
        let time = try demonstration(options, &commands)
        time.set(&settings)
        settings.signer = try StoreFiles.signer(options, time)
        settings.secondSigner = try StoreFiles.secondSigner(options, time)
        if settings.signer == nil {
            say(
                "notice: the seeds' checkpoints are not signed: --journal-certificate and --journal-key sign them"
            )
        }
        try rehearse(commands, city: city, time)
        try StoreFiles.makeDirectories(options)
        let storage = try StoreFiles.journal(options)
        let keys = try StoreFiles.keys(options)
        try Journal.format(storage, keys: keys, settings)
        let count = try SeedLoader.fill(
            storage, keys: keys, options: settings, commands: commands, clock: time.engineClock)
        if time.demonstration != nil { say(time.words) }
        say("\(storage.path): a new store for city \(city), \(count) seed commands journaled")
        return 0
    }
}

extension InitCommand {
    /// The clock of a store for demonstrations, set; its first command then says so. Only with a CA file of development, and a key of the journal's
    /// under it where there is one.
    private static func demonstration(_ options: Options, _ commands: inout [SeedCommand]) throws
        -> ServerTime
    {
        guard let typed = options["--demonstration-clock"] else { return .real }
        guard let from = TypedMoment.nanoseconds(typed) else {
            throw Options.Wrong(
                description:
                    "--demonstration-clock \(typed): must be like 2021-11-01 or 2021-11-01T09:00, in +08:00")
        }
        guard let path = options["--ca"] else {
            throw Options.Wrong(
                description:
                    "--ca is missing: a demonstration clock goes with the authority of `twolists ca dev`")
        }
        let time = ServerTime(demonstration: StoreClock(showing: from))
        try time.check(try TrustStore.load(caPath: path, crlPaths: []), path)
        commands.insert(.demonstration(from: from), at: 0)
        return time
    }

    /// Judges all seeds once on a disk in memory: seeds that are refused leave no half-filled store behind.
    private static func rehearse(_ commands: [SeedCommand], city: String, _ time: ServerTime) throws {
        var settings = JournalOptions(city: city)
        time.set(&settings)
        settings.segmentSize = 4 << 20
        let disk = SimulatedDisk(seed: 0)
        let (storage, keys) = (try disk.root.subdirectory("data"), try disk.root.subdirectory("keys"))
        try Journal.format(storage, keys: keys, settings)
        do {
            _ = try SeedLoader.fill(
                storage, keys: keys, options: settings, commands: commands, clock: time.engineClock)
        } catch let refused as SeedLoader.Refused {
            throw StoreFiles.Unusable(
                description: "seeds/\(place(commands[refused.position].command)): \(refused)")
        } catch let large as SeedLoader.TooLarge {
            throw StoreFiles.Unusable(
                description: "seeds/\(place(commands[large.position].command)): \(large)")
        }
    }

    /// The file and row of a seed, by what names the row.
    private static func place(_ command: Command) -> String {
        switch command.body {
        case .beginDemonstration: "(--demonstration-clock)"
        case .configureCity: "city.csv"
        case .registerParty(let body): "parties.csv, party \(body.key)"
        case .registerOfficer(let body): "officers.csv, officer \(body.officer)"
        case .loadCodeList(let body): "codes/\(body.list).csv"
        case .loadRuleTable(let body): "rules/\(body.table).csv"
        case .loadCalendar(let body): "calendar/\(body.year).csv"
        case .loadSupervision: "supervision.csv"
        case .loadCaseKinds: "rules/case-kinds.csv or case-tasks.csv"
        case .loadSchoolDates: "rules/school-dates.csv"
        case .loadPointsTable(let body): "rules/\(body.table).csv"
        default: "?"
        }
    }
}

/// The seed files of a directory, read in the order of their paths.
enum SeedFiles {
    /// Bytes of one seed file, at most: the largest code list of a province stays far below.
    static let fileLimit = 4 << 20

    static func read(_ directory: String) throws -> [SeedCommand] {
        guard DurableFile.exists(directory + "/city.csv") else {
            throw StoreFiles.Unusable(
                description: "\(directory)/city.csv is missing: these are no seeds of a city")
        }
        let files = try paths(below: directory).map { path in
            let bytes = try DurableFile.read(directory + "/" + path, limit: fileLimit)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw Options.Wrong(description: "\(directory)/\(path) is not UTF-8")
            }
            return SeedFile(path: path, text: text)
        }
        return try seedCommands(files)
    }

    static func city(of commands: [SeedCommand]) -> String? {
        for seed in commands { if case .configureCity(let body) = seed.command.body { return body.city } }
        return nil
    }

    /// Relative paths of all .csv files below, sorted by bytes.
    private static func paths(below directory: String, prefix: String = "") throws -> [String] {
        var found: [String] = []
        for name in try FileStorage(path: directory).list().sorted() {
            if name.utf8.suffix(4).elementsEqual(".csv".utf8) { found.append(prefix + name) }
        }
        for folder in ["batches", "batches/names", "calendar", "codes", "rules"]
        where prefix.isEmpty && DurableFile.exists(directory + "/" + folder) {
            found += try paths(below: directory + "/" + folder, prefix: folder + "/")
        }
        return found.sorted()
    }
}
