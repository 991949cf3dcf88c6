/// From which release to which one a fleet goes, in which order.
///
/// Version 1 of the records, 2, back, and 2 again, where there is no other binary. With 0.1.0 (`TIDEWATCH_FORMER_BINARY`) that
/// comes before, as `docs/operations.md` tells it: 0.1.0, this release with version 1, back, a member with version 2 that
/// has to be refused, and then version 1 and 2 for good. With one record version more (`TIDEWATCH_NEXT_BINARY`) that comes
/// last, in the same way: both go together as long as version 2 is written; a member of it that writes its own version is refused beside
/// this release, and so is one of this release where that is written.
struct RollCourse {
    struct Stage {
        let from: Release
        let to: Release
        /// While the fleet is between the two.
        var kills: Int
        /// What comes beside the fleet at the stage's end, and must not be let in.
        var refused: Refused?
    }

    struct Refused {
        let release: Release
        let says: [String]
    }

    private(set) var stages: [Stage] = []

    init(_ options: ChaosOptions) {
        func this(_ version: Int) -> Release {
            Release(name: "this-\(version)", binary: options.binary, recordVersion: version)
        }
        if let program = options.former {
            let former = Release(name: "former", binary: program, recordVersion: nil)
            stages += [
                Stage(from: former, to: this(1), kills: 0),
                Stage(
                    from: this(1), to: former, kills: 0,
                    refused: Refused(release: this(2), says: RollCourse.olderMember(reading: 1, beside: 2))),
                Stage(from: former, to: this(1), kills: 0),
            ]
        }
        if options.former != nil || options.next == nil {
            stages += [
                Stage(from: this(1), to: this(2), kills: 0), Stage(from: this(2), to: this(1), kills: 0),
                Stage(from: this(1), to: this(2), kills: 0),
            ]
        }
        if let program = options.next {
            func next(_ version: Int) -> Release {
                Release(name: "next-\(version)", binary: program, recordVersion: version)
            }
            stages += [
                Stage(from: this(2), to: next(2), kills: 0),
                Stage(
                    from: next(2), to: this(2), kills: 0,
                    refused: Refused(release: next(3), says: RollCourse.olderMember(reading: 2, beside: 3))),
                Stage(from: this(2), to: next(2), kills: 0),
                Stage(
                    from: next(2), to: next(3), kills: 0,
                    refused: Refused(release: this(2), says: RollCourse.newerRecord)),
            ]
        }
        for place in stages.indices {
            stages[place].kills =
                options.kills * (place + 1) / stages.count - options.kills * place / stages.count
        }
    }

    /// What a member says that is told to write what another one can't read.
    private static func olderMember(reading version: Int, beside form: Int) -> [String] {
        ["a member that reads records up to version \(version) is running", "told to write version \(form)"]
    }

    /// What a member says of a record of the version after its own.
    private static let newerRecord = [
        "the record at offset ", "can't be used: ", "version 3", "up to version 2", "--skip ",
    ]
}
