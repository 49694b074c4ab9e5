//! Restarts and upgrades while questions are on their way.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
};

use lab::Machine;

use crate::support::{SERVICE, SOCKET, configured, journal};

/// Questions on their way at any moment.
const IN_FLIGHT: usize = 200;

/// Asks on and on, from outside, with so many questions on their way.
struct Load {
    over: Arc<AtomicBool>,
    askers: Vec<JoinHandle<Asked>>,
}

/// What one asker saw.
#[derive(Debug, Default)]
struct Asked {
    answered: usize,
    lost: Vec<String>,
}

impl Load {
    fn start(machine: &Machine) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let socket = machine.inside(SOCKET);
        let askers = (0..IN_FLIGHT).map(|_| {
            let (over, socket) = (over.clone(), socket.clone());
            thread::spawn(move || ask_until(&over, &socket))
        });
        Self { askers: askers.collect(), over }
    }

    /// Lets the last questions be answered, and says how many were, and which were not.
    fn end(self) -> Asked {
        self.over.store(true, Relaxed);
        let mut all = Asked::default();
        for asker in self.askers {
            let asked = asker.join().expect("an asker does not panic");
            all.answered += asked.answered;
            all.lost.extend(asked.lost);
        }
        all
    }
}

impl Asked {
    #[track_caller]
    fn assert_none_lost(&self, machine: &Machine) {
        let Self { answered, lost } = self;
        let kinds: BTreeSet<&String> = lost.iter().collect();
        let count = lost.len();
        assert!(lost.is_empty(), "{count} lost, {answered} not: {kinds:?}\n{}", journal(machine));
    }
}

fn ask_until(over: &AtomicBool, socket: &Path) -> Asked {
    let mut asked = Asked::default();
    while !over.load(Relaxed) || asked.answered == 0 {
        match crate::support::ask_from_outside(socket) {
            Ok(status) if status == "HTTP/1.1 200 OK" => asked.answered += 1,
            Ok(status) => asked.lost.push(status),
            Err(error) => asked.lost.push(error.to_string()),
        }
        if !asked.lost.is_empty() {
            break;
        }
    }
    asked
}

#[test]
fn two_restarts_lose_no_question() {
    let machine = configured();
    let load = Load::start(&machine);
    for _ in 0..2 {
        let _silent = machine.run(&format!("systemctl restart {SERVICE}")).success();
    }
    let asked = load.end();
    println!("{} questions answered over two restarts", asked.answered);
    asked.assert_none_lost(&machine);
    assert!(asked.answered >= IN_FLIGHT);
}

#[test]
fn a_crash_loses_only_what_was_being_answered() {
    let machine = configured();
    let before = machine.property(SERVICE, "MainPID");
    let _silent = machine.run(&format!("systemctl kill --signal=KILL {SERVICE}")).success();
    let socket = machine.inside(SOCKET);
    assert_eq!(crate::support::ask_from_outside(&socket).expect("an answer"), "HTTP/1.1 200 OK");
    assert_ne!(machine.property(SERVICE, "MainPID"), before);
}

#[test]
fn an_upgrade_loses_no_question_and_keeps_settings() {
    let machine = configured();
    // The package itself, as an older one: there is no release before the first.
    let older = "cd /root; dpkg-deb --raw-extract clearml-resolver.deb older; \
                 sed -i 's/^Version: .*/Version: 0.0.1-1/' older/DEBIAN/control; \
                 dpkg-deb -Znone --build older older.deb; dpkg --install --force-downgrade older.deb";
    let _said = machine.run(older).success();
    let version = "dpkg-query --show --showformat '${Version}' clearml-resolver";
    assert_eq!(machine.run(version).success(), "0.0.1-1");
    let settings = machine.run("cat /etc/clearml-resolver/settings.toml").success();
    let before = machine.property(SERVICE, "MainPID");

    let load = Load::start(&machine);
    let _said = machine.run("dpkg --install /root/clearml-resolver.deb < /dev/null").success();
    let asked = load.end();

    println!("{} questions answered over an upgrade", asked.answered);
    asked.assert_none_lost(&machine);
    assert_ne!(machine.run(version).success(), "0.0.1-1");
    assert_ne!(machine.property(SERVICE, "MainPID"), before, "the new program runs");
    assert_eq!(machine.run("cat /etc/clearml-resolver/settings.toml").success(), settings);
}
